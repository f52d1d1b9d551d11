"""The policies as they were known then, read from the tables."""

from datetime import datetime
from functools import lru_cache

from domain.moments import LAST_MOMENT
from domain.policies.book import PolicyBook
from domain.policies.events import PolicyAdopted
from projections.reading import Reader
from projections.sums import NO_POSITION


def book_of(reader: Reader, as_of: datetime | None = None, up_to: int | None = None) -> PolicyBook:
    """All that had been adopted by a moment, or up to a position."""
    asked = {"as_of": as_of or LAST_MOMENT, "up_to": NO_POSITION if up_to is None else up_to}
    return _book(tuple(PolicyAdopted(**row) for row in reader.rows("policies.adopted", asked)))


@lru_cache(maxsize=16)
def _book(adopted: tuple[PolicyAdopted, ...]) -> PolicyBook:
    return PolicyBook(adopted)
