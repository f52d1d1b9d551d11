"""Everything that can be explained, by the name under which it is asked for."""

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.errors import NotFound
from projections.why import appeals, bulletins, clocks, colours, entries, ranks, rates
from projections.why.answers import Explanation, Sources
from projections.why.instruments import INSTRUMENTS, explain

Explain = Callable[[Sources, str, datetime | None], Explanation]

EXPLAIN: Mapping[str, Explain] = {
    "entry": entries.explain,
    "rank": ranks.explain,
    "ranking": bulletins.explain,
    "colour": colours.explain,
    "light": clocks.explain_light,
    "case": clocks.explain_case,
    "indicator": rates.explain,
    "appeal": appeals.explain,
}
HOW: Mapping[str, str] = {
    "entry": entries.HOW,
    "rank": ranks.HOW,
    "ranking": bulletins.HOW,
    "colour": colours.HOW,
    "light": clocks.HOW,
    "case": clocks.HOW,
    "indicator": rates.HOW,
    "appeal": appeals.HOW,
    **{kind: instrument.how for kind, instrument in INSTRUMENTS.items()},
}
THINGS: tuple[str, ...] = tuple(HOW)


def why(sources: Sources, thing: str, key: str, as_of: datetime | None = None) -> Explanation:
    """Raises ``NotFound`` for a thing or key that is not there (``thing.unknown``,
    ``<thing>.unknown``, ``<thing>.unknown_then``) with a sentence that says how a key looks."""
    if thing in INSTRUMENTS:
        return explain(sources, thing, key, as_of)
    if thing in EXPLAIN:
        return EXPLAIN[thing](sources, key, as_of)
    raise NotFound(
        "thing.unknown",
        f"{thing[:40]!r} is nothing that can be explained: ask about one of {', '.join(THINGS)}",
    )
