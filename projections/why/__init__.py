"""Why anything on a board is what it is: the sentence, the clause, the events.

why(sources, "entry", "1204.0")                     points of a unit
why(sources, "rank", "city-score:2026-03::lake")    its place, with an account of its points
why(sources, "slip", "A1.2", as_of=moment)          a proposal, as it was known then
"""

from projections.why.answers import (
    Clause,
    EventCited,
    Explanation,
    Link,
    Part,
    Said,
    Sources,
)
from projections.why.ranks import rank_key
from projections.why.things import HOW, THINGS, why

__all__ = [
    "HOW", "THINGS", "Clause", "EventCited", "Explanation", "Link", "Part", "Said", "Sources",
    "rank_key", "why",
]  # fmt: skip
