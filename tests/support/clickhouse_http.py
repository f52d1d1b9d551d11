"""Requests as any HTTP client makes them, beside ClickHouse's own clients."""

import base64
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.support.clickhouse import ANALYST, SINK


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def code(self) -> str:
        return self.headers.get("x-clickhouse-exception-code", "")


def basic(user: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


AS_ANALYST = basic("analyst", ANALYST)
AS_SINK = basic("sink", SINK)


def request(
    address: str,
    body: bytes | str = b"",
    headers: Mapping[str, str] = AS_ANALYST,
    method: str = "POST",
    path: str = "/",
    **params: str,
) -> Reply:
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        target = f"{path}?{urlencode(params)}" if params else path
        raw = body.encode() if isinstance(body, str) else body
        connection.request(method, target, raw, dict(headers))
        reply = connection.getresponse()
        named = {name.lower(): value for name, value in reply.getheaders()}
        return Reply(reply.status, named, reply.read())
    finally:
        connection.close()
