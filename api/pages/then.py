"""The moments that a page of the auditor's room is about, as they were typed into its form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from api.moments import read
from api.pages.rendering import View
from api.problems import status_of
from domain.errors import Invalid
from domain.moments import NOW, Then

Typed = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class Moment:
    """``as_of`` and ``was_at`` as they were typed; what cannot be asked for is refused beside the
    form (``error``, ``code``, ``detail``), and the page shows the present instead."""

    then: Then
    as_of: str = ""
    was_at: str = ""
    notices: Sequence[str] = ()
    error: str = ""
    code: str = ""
    detail: str = ""
    status: int = 200

    @property
    def past(self) -> bool:
        return self.then != NOW


def moment_of(view: View, as_of: str = "", was_at: str = "") -> Moment:
    """What is left out means now."""
    as_of, was_at = as_of.strip(), was_at.strip()
    try:
        asked = read(view.services, as_of, was_at)
    except Invalid as refused:
        told = view.t.of("refused", refused.code)
        known = told != refused.code
        return Moment(
            NOW, as_of, was_at, error=told if known else refused.message, code=refused.code,
            detail=refused.message if known else "", status=status_of(refused),
        )  # fmt: skip
    return Moment(asked.then, as_of, was_at, tuple(notice.detail for notice in asked.notices))


@dataclass(frozen=True, slots=True)
class Sides:
    """Two moments as they were typed, each by what was known then and what was so at."""

    first: str
    second: str
    first_at: str
    second_at: str

    @property
    def wished(self) -> bool:
        return any((self.first, self.second, self.first_at, self.second_at))

    def read(self, view: View) -> tuple[Moment, Moment]:
        return (
            moment_of(view, self.first, self.first_at),
            moment_of(view, self.second, self.second_at),
        )


def typed_sides(
    first: Annotated[str, Query(alias="from", max_length=60)] = "",
    second: Annotated[str, Query(alias="to", max_length=60)] = "",
    first_at: Annotated[str, Query(alias="from_at", max_length=60)] = "",
    second_at: Annotated[str, Query(alias="to_at", max_length=60)] = "",
) -> Sides:
    return Sides(first, second, first_at, second_at)


TwoMoments = Annotated[Sides, Depends(typed_sides)]


def typed(moment: datetime | None, view: View) -> str:
    """A moment as it may be typed again: the city's time to the microsecond, so that nothing that
    was recorded then is left out."""
    return "" if moment is None else moment.astimezone(view.city.zone).isoformat(sep=" ")
