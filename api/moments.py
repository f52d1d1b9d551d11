"""The moments in a query: as it was known (as_of), as it was (at), and two of them side by side."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from api.dependencies import Given
from api.services import Services
from domain.errors import Refused
from domain.moments import Then, check_then, foreign, read_moment

AS_OF = "as it was known then (time of recording); without an offset it is the city's time"
AT = "as it was then (time of happening), by all that is known"
WRITTEN = {"max_length": 60, "examples": ["2026-03-05T12:00:00+08:00", "2026-03-05"]}

UpTo = Annotated[int | None, Query(ge=0, lt=2**63, description="as of this position of the log")]
AsOfText = Annotated[str | None, Query(alias="as_of", description=AS_OF, **WRITTEN)]
AtText = Annotated[str | None, Query(alias="at", description=AT, **WRITTEN)]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth knowing about the question: ``code`` is stable."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Asked:
    then: Then
    notices: tuple[Notice, ...]


def asked_then(
    services: Given, as_of: AsOfText = None, at: AtText = None, up_to: UpTo = None
) -> Asked:
    """Raises ``Invalid`` (``time.*``, ``as_of.*``, ``at.*``)."""
    return read(services, as_of, at, up_to)


def asked_as_of(services: Given, as_of: AsOfText = None) -> datetime | None:
    return read(services, as_of).then.as_of


def asked_at(services: Given, at: AtText = None) -> datetime | None:
    return read(services, None, at).then.at


@dataclass(frozen=True, slots=True)
class Sides:
    first: Then
    second: Then
    notices: tuple[Notice, ...]


def asked_sides(
    services: Given,
    first: Annotated[str | None, Query(alias="from", description=AS_OF, **WRITTEN)] = None,
    second: Annotated[str | None, Query(alias="to", description=AS_OF, **WRITTEN)] = None,
    first_at: Annotated[str | None, Query(alias="from_at", description=AT, **WRITTEN)] = None,
    second_at: Annotated[str | None, Query(alias="to_at", description=AT, **WRITTEN)] = None,
) -> Sides:
    """What is left out means now."""
    one, other = read(services, first, first_at), read(services, second, second_at)
    return Sides(one.then, other.then, (*one.notices, *other.notices))


def read(
    services: Services, as_of: str | None, at: str | None = None, up_to: int | None = None
) -> Asked:
    """What somebody wrote, checked against clock and log."""
    zone, now = services.city().zone, services.clock.now()
    moments: list[datetime | None] = []
    notices = []
    for name, text in (("as_of", as_of), ("at", at)):
        moment = _moment(services, name, text)
        moments.append(moment)
        if text and moment is not None and (said := foreign(text, moment, zone)):
            notices.append(Notice("time.foreign_zone", said))
    then = Then(moments[0], moments[1], up_to)
    check_then(then, services.store, now, zone)
    return Asked(then, tuple(notices))


def _moment(services: Services, name: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return read_moment(text, services.city().zone)
    except Refused as refusal:
        raise type(refusal)(refusal.code, f"{name}: {refusal.message}") from None


AsOf = Annotated[datetime | None, Depends(asked_as_of)]
At = Annotated[datetime | None, Depends(asked_at)]
AskedThen = Annotated[Asked, Depends(asked_then)]
AskedSides = Annotated[Sides, Depends(asked_sides)]
