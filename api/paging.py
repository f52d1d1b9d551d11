"""Pages of long lists: an opaque cursor after the last row seen, and a Link to what follows."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import Request, Response

from domain.errors import Invalid


def cursor_of(*keys: str | int | None) -> str:
    """Where a page ended. Opaque, so that the order behind it may change between versions."""
    return base64.urlsafe_b64encode(msgspec.json.encode(keys)).decode().rstrip("=")


def keys_of(cursor: str, shape: Any) -> Any:
    """What ``cursor_of`` was given, as ``shape`` (a tuple type). Raises ``Invalid``."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise Invalid(
            "cursor.invalid", "that cursor is from another list: begin again without one"
        ) from None


def link_next(request: Request, response: Response, following: Mapping[str, str] | None) -> None:
    """Names the next page (RFC 8288) by the parameters that differ from this one's."""
    if following is None:
        return
    kept = [item for item in request.query_params.multi_items() if item[0] not in following]
    query = urlencode([*kept, *following.items()])
    response.headers.append("Link", f'<{request.url.path}?{query}>; rel="next"')
