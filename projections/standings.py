"""Rankings as the score entries stand now or stood then: summed and placed.

boards_for(book, period, zone, now)                     the boards that rank the period
policy_for(book, period, zone, now)                     the first of them, or the one named
ranking(reader, policy, Period.parse("2012-04"))        units against their peers
ranking(reader, policy, period, by="district")          nodes, with all that hangs under them
ranking(reader, policy, period, as_of=moment)           by what had been recorded then
published(reader, period)                               frozen rankings, as they were published
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.errors import Invalid, NotFound
from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.book import PolicyBook
from domain.policies.composite import CompositePolicy
from domain.policies.model import Board, ScoringPolicy
from domain.rankings.events import RankedUnit
from projections.composites import Assessment, CompositeReader, ranks
from projections.reading import Reader, Row
from projections.rulebooks import book_of
from projections.sums import AN_INSTANT, NO_POSITION, By, Sums, sums

__all__ = [
    "LAST_MOMENT", "NO_POSITION", "By", "LeftOut", "Publication", "Ranking", "Standing", "Sums",
    "boards_for", "policy_for", "published", "ranking", "sums",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's place among its peers. ``balance`` is the sum of its entries (on a composite board
    of its weighted marks), ``points`` what the policy makes of it. ``previous_place`` is that of
    the period before (``None``: not ranked). ``veto`` names the clause that puts it last whatever
    its points, or the standard it fails; ``""``: none."""

    peer_group: str
    place: int
    unit: str
    name: str
    kind: str
    points: Decimal
    balance: Decimal
    entries: int
    previous_place: int | None
    veto: str = ""

    @property
    def moved(self) -> int | None:
        """Places won (positive) or lost since the period before."""
        return None if self.previous_place is None else self.previous_place - self.place


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A unit that is not ranked, and the clause, or the standard, that vetoes it."""

    unit: str
    name: str
    veto: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """``computed_at`` is the position of the last event counted. ``policies`` are the digests of
    all policies that had a part in it, the board's own first. Rows stand by peer group, then
    place, then unit id; ``left_out`` are the units that a veto keeps off the board."""

    period: str
    by: By
    policy: str
    policy_id: str
    policy_digest: str
    as_of: datetime | None
    computed_at: int
    rows: tuple[Standing, ...]
    policies: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    at: datetime | None = None

    @property
    def peer_groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.peer_group for row in self.rows))


@dataclass(frozen=True, slots=True)
class Publication:
    """One row of a published ranking, or of a ``correction`` published beside it (0: none)."""

    ranking_id: str
    board: str
    peer_group: str
    correction: int
    unit: str
    place: int
    points: Decimal
    entries: int
    veto: str
    policy_id: str
    computed_at: int
    checksum: str
    composed_by: str
    approved_by: str
    published_by: str
    published_at: datetime
    recorded_at: datetime
    position: int


def boards_for(book: PolicyBook, period: Period, zone: ZoneInfo, now: datetime) -> list[Board]:
    """The boards that rank a period, by id: the versions in force at its last moment, or now
    while it runs."""
    _, end = period.bounds(zone)
    files = book.files(book.in_force(min(end - AN_INSTANT, now)))
    return [board for board in files if isinstance(board, Board) and ranks(board, period.kind)]


def policy_for(
    book: PolicyBook, period: Period, zone: ZoneInfo, now: datetime, policy_id: str = ""
) -> Board:
    """The policy that ranks a period: the one asked for, else of several the first by id. Raises
    ``NotFound`` (``policy.none_in_force``)."""
    for board in boards_for(book, period, zone, now):
        if policy_id in ("", board.id):
            return board
    which = f"policy {policy_id}" if policy_id else "policy"
    raise NotFound("policy.none_in_force", f"no {which} judges {period}: adopt one for that time")


def ranking(
    reader: Reader,
    policy: Board,
    period: Period,
    by: By = "peers",
    peer_group: str | None = None,
    as_of: datetime | None = None,
    up_to: int | None = None,
    book: PolicyBook | None = None,
    now: datetime | None = None,
    at: datetime | None = None,
) -> Ranking:
    """Every eligible unit of the period in its place. ``peer_group`` leaves one group alone,
    ``as_of`` and ``up_to`` count what was recorded by a moment or a position, ``at`` what had
    happened by then. A unit's peers are those it had at the end of the period (or ``at``), as far
    as was known; its entries stay with it wherever it hung when it got them.

    A node of a kind has the sum of all entries under it now, so floor, ceiling and standard,
    which are meant for one unit, do not bound it. A composite board ranks peers only; its other
    boards come from ``book`` (``None``: as adopted by then), and of their periods those that
    begin after ``now`` do not count yet (``None``: all count). Raises ``Invalid``
    (``board.peers_only``), ``Refused`` (``board.circular``).
    """
    if isinstance(policy, ScoringPolicy):
        return _of_entries(reader, policy, period, by, peer_group, as_of, up_to, at)
    assert isinstance(policy, CompositePolicy)
    if by != "peers":
        raise Invalid("board.peers_only", f"{policy.id} ranks units among their peers: ask for it")
    known = book_of(reader, as_of, up_to) if book is None else book
    composites = CompositeReader(reader, known, as_of, up_to, now, at)
    return _of_parts(composites, policy, period, peer_group)


def _of_entries(
    reader: Reader,
    policy: ScoringPolicy,
    period: Period,
    by: By,
    peer_group: str | None,
    as_of: datetime | None,
    up_to: int | None,
    at: datetime | None,
) -> Ranking:
    found = sums(reader, policy, period, by, peer_group, as_of, up_to, at)
    before = {row.unit: row.place for rows in found.before(policy).values() for row in rows}
    return Ranking(
        period=str(period),
        by=by,
        policy=policy.ref,
        policy_id=policy.id,
        policy_digest=policy.digest,
        policies=(policy.digest,),
        as_of=as_of,
        computed_at=max((row["position"] for row in found.rows.values()), default=0),
        rows=tuple(
            _standing(group, row, found.rows[row.unit], before.get(row.unit))
            for group, rows in found.placed(policy).items()
            for row in rows
        ),
        left_out=_left_out(found, found.left_out(policy)),
        at=at,
    )


def _of_parts(
    composites: CompositeReader, policy: CompositePolicy, period: Period, group: str | None
) -> Ranking:
    found = composites.assess(policy, period)
    earlier = composites.assess(policy, period.previous())
    before = {row.unit: row.place for rows in earlier.placed().values() for row in rows}
    return Ranking(
        period=str(period),
        by="peers",
        policy=policy.ref,
        policy_id=policy.id,
        policy_digest=policy.digest,
        policies=tuple(dict.fromkeys((policy.digest, *found.policies))),
        as_of=composites.as_of,
        computed_at=found.computed_at,
        rows=tuple(
            _assessed(name, row, found, before.get(row.unit))
            for name, rows in found.placed().items()
            if group in (None, name)
            for row in rows
        ),
        left_out=_left_out(found.units, found.left_out()),
        at=composites.at,
    )


def _left_out(units: Sums, vetoed: Sequence[tuple[str, str]]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(unit, units.rows[unit]["name"], veto) for unit, veto in vetoed)


def published(
    reader: Reader,
    period: Period,
    peer_group: str | None = None,
    as_of: datetime | None = None,
    at: datetime | None = None,
) -> list[Publication]:
    rows = reader.rows(
        "standings.published",
        {
            "period": str(period),
            "peer_group": peer_group or "",
            "any_group": peer_group is None,
            "as_of": as_of or LAST_MOMENT,
            "at": at or LAST_MOMENT,
        },
    )
    return [Publication(**row) for row in rows]


def _standing(group: str, placed: RankedUnit, row: Row, place_before: int | None) -> Standing:
    return Standing(
        peer_group=group,
        place=placed.place,
        unit=placed.unit,
        name=row["name"],
        kind=row["kind"],
        points=placed.points,
        balance=row["points"],
        entries=placed.entries,
        previous_place=place_before,
        veto=placed.veto,
    )


def _assessed(
    group: str, placed: RankedUnit, found: Assessment, place_before: int | None
) -> Standing:
    row = found.units.rows[placed.unit] | {"points": found.of_unit[placed.unit].sum}
    return _standing(group, placed, row, place_before)
