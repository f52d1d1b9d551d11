"""What is asked of the desk: one command, who sends it, when it happened, and how it is known."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import Conflict, Invalid
from domain.messages import Appended, Command, Metadata

# Clocks of phones and desks differ; what lies further ahead than this has not happened yet.
FUTURE_TOLERANCE = timedelta(minutes=5)
# Before this, time zones are guesswork, and days in the read tables count from 1970.
EARLIEST = datetime(1970, 1, 3, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Request:
    """One command with who sends it and when it happened (``None``: just now).

    ``expected_version`` is the version the sender saw (If-Match); ``None`` accepts any.
    ``traceparent`` names the trace it belongs to; it is no part of what is asked.
    """

    command: Command
    actor: str
    occurred_at: datetime | None = None
    cause: str = ""
    expected_version: int | None = None
    traceparent: str = ""


# Requests that are stored together or not at all, and the command id; then, where the requests
# follow from more than was asked (an import's from what stood before), a digest of what was.
Group = tuple[Sequence[Request], str] | tuple[Sequence[Request], str, str]


def digest_of(requests: Sequence[Request]) -> str:
    """SHA-256 over what was asked: tells a repeated request from another one with its key."""
    digest = hashlib.sha256()
    for request in requests:
        digest.update(f"{request.command.NAME}\n{request.actor}\n{request.occurred_at}\n".encode())
        digest.update(request.command.__pydantic_serializer__.to_json(request.command))
    return digest.hexdigest()


def repeated(stored: Appended, digest: str) -> Appended:
    """The first answer again. Raises ``Conflict`` when the key was used for something else."""
    if stored.digest != digest:
        raise Conflict(
            "command.reused",
            f"the key {stored.command_id} was used for another request: take a new one",
        )
    return Appended(
        stored.command_id, stored.first_position, stored.last_position, digest, repeated=True
    )


def saying(request: Request) -> tuple[Any, ...]:
    """What a request says of its events besides what happened."""
    return request.actor, request.occurred_at, request.cause, request.traceparent


def metadata_of(request: Request, occurred_at: datetime, policies: tuple[str, ...]) -> Metadata:
    """What is stored with its events: when it happened in UTC, and what is in force then."""
    return Metadata(
        actor=request.actor, occurred_at=occurred_at, policies=policies, cause=request.cause,
        traceparent=request.traceparent,
    )  # fmt: skip


def check_version(request: Request, version: int) -> None:
    if request.expected_version is not None and request.expected_version != version:
        raise Conflict(
            "stream.changed",
            f"{request.command.stream_id} is at version {version}, not "
            f"{request.expected_version}: read it again and decide anew",
        )


def checked_time(occurred_at: datetime | None, now: datetime) -> datetime:
    """When it happened, in UTC. Raises ``Invalid`` for a time without a zone, one not yet come,
    or one before ``EARLIEST``."""
    if occurred_at is None:
        return now
    if occurred_at.tzinfo is None:
        raise Invalid("time.no_zone", f"the time {occurred_at} needs a time zone, such as +08:00")
    if occurred_at > now + FUTURE_TOLERANCE:
        raise Invalid("time.in_future", f"{occurred_at.isoformat()} has not come yet")
    if occurred_at < EARLIEST:
        raise Invalid("time.too_early", f"{occurred_at.isoformat()} lies before 1970")
    return occurred_at.astimezone(UTC)
