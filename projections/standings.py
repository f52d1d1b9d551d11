"""Rankings as the score entries stand now or stood then: summed and placed.

policy = policy_for(book, period)                       the version that rules the period
ranking(reader, policy, Period.parse("2012-04"))        units against their peers
ranking(reader, policy, period, by="district")          nodes, with all that hangs under them
ranking(reader, policy, period, as_of=moment)           by what had been recorded then
entries(reader, policy, period, "u1", under=False)      what made a unit's points, newest first
published(reader, period)                               frozen rankings, as they were published
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.errors import NotFound
from domain.periods import Period
from domain.policies.book import PolicyBook
from domain.policies.model import ScoringPolicy
from domain.rankings.composing import UnitTotal, compose
from domain.rankings.events import RankedUnit
from projections.reading import Reader, Row

By = Literal["peers", "district", "street", "community", "grid", "department", "company"]

END_OF_TIME = datetime(2299, 12, 31, tzinfo=UTC)
NO_POSITION = 2**63 - 1
AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's place among its peers. ``balance`` is the sum of its entries, ``points`` what the
    policy makes of it. ``previous_place`` is that of the period before (``None``: not ranked)."""

    peer_group: str
    place: int
    unit: str
    name: str
    kind: str
    points: Decimal
    balance: Decimal
    entries: int
    previous_place: int | None

    @property
    def moved(self) -> int | None:
        """Places won (positive) or lost since the period before."""
        return None if self.previous_place is None else self.previous_place - self.place


@dataclass(frozen=True, slots=True)
class Ranking:
    """``computed_at`` is the position of the last event counted. Rows stand by peer group, then
    place, then unit id."""

    period: str
    by: By
    policy: str
    policy_id: str
    policy_digest: str
    as_of: datetime | None
    computed_at: int
    rows: tuple[Standing, ...]

    @property
    def peer_groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.peer_group for row in self.rows))


@dataclass(frozen=True, slots=True)
class Publication:
    """One row of a published ranking."""

    peer_group: str
    unit: str
    place: int
    points: Decimal
    entries: int
    policy_id: str
    computed_at: int
    checksum: str
    composed_by: str
    published_by: str
    published_at: datetime
    recorded_at: datetime
    position: int


def policy_for(
    book: PolicyBook, period: Period, zone: ZoneInfo, now: datetime, policy_id: str = ""
) -> ScoringPolicy:
    """The policy that rules a period: the version in force at its last moment, or now while it
    runs; of several the first by id. Raises ``NotFound`` (``policy.none_in_force``)."""
    _, end = period.bounds(zone)
    for digest in book.in_force(min(end - AN_INSTANT, now)):
        policy = book.get(digest)
        if policy_id in ("", policy.id):
            return policy
    which = f"policy {policy_id}" if policy_id else "policy"
    raise NotFound("policy.none_in_force", f"no {which} judges {period}: adopt one for that time")


def ranking(
    reader: Reader,
    policy: ScoringPolicy,
    period: Period,
    by: By = "peers",
    peer_group: str | None = None,
    as_of: datetime | None = None,
    up_to: int | None = None,
) -> Ranking:
    """Every eligible unit of the period in its place. ``peer_group`` leaves one group alone,
    ``as_of`` and ``up_to`` count what was recorded by a moment or a position. Which unit hangs
    under which, and who are peers, is as it stands now.

    A node of a kind has the sum of all entries under it, so the floor and the ceiling, which are
    meant for one unit, do not bound it.
    """
    found = sums(reader, policy, period, by, peer_group, as_of, up_to)
    before = {row.unit: row.place for rows in found.before(policy).values() for row in rows}
    return Ranking(
        period=str(period),
        by=by,
        policy=policy.ref,
        policy_id=policy.id,
        policy_digest=policy.digest,
        as_of=as_of,
        computed_at=max((row["position"] for row in found.rows.values()), default=0),
        rows=tuple(
            _standing(group, row, found.rows[row.unit], before.get(row.unit))
            for group, rows in found.placed(policy).items()
            for row in rows
        ),
    )


@dataclass(frozen=True, slots=True)
class Sums:
    """What each unit, by id, got in a period and in the one before it; ``peers`` names the group
    of every unit that is ranked at all."""

    by: By
    rows: Mapping[str, Row]
    peers: Mapping[str, str]

    def placed(self, policy: ScoringPolicy) -> dict[str, tuple[RankedUnit, ...]]:
        """The placed units of each peer group in the period."""
        return self._placed(policy, "points", "entries")

    def before(self, policy: ScoringPolicy) -> dict[str, tuple[RankedUnit, ...]]:
        """And in the period before it."""
        return self._placed(policy, "points_before", "entries_before")

    def _placed(
        self, policy: ScoringPolicy, points: str, entries: str
    ) -> dict[str, tuple[RankedUnit, ...]]:
        rows = self.rows.values()
        totals = [UnitTotal(row["unit"], row[points], row[entries]) for row in rows if row[entries]]
        gone = {row["unit"] for row in rows if row["retired"] and not row[entries]}
        peers = (
            {u: group for u, group in self.peers.items() if u not in gone} if gone else self.peers
        )
        if self.by != "peers":
            policy = policy.model_copy(update={"floor": None, "ceiling": None})
        return compose(policy, totals, peers)


def sums(
    reader: Reader,
    policy: ScoringPolicy,
    period: Period,
    by: By = "peers",
    peer_group: str | None = None,
    as_of: datetime | None = None,
    up_to: int | None = None,
) -> Sums:
    asked: dict[str, Any] = {
        "policy_id": policy.id,
        "before": period.previous().first,
        "first": period.first,
        "end": period.end,
        "as_of": as_of or END_OF_TIME,
        "up_to": NO_POSITION if up_to is None else up_to,
        "everybody": policy.eligibility == "all",
    }
    if by != "peers":
        rows = reader.rows("standings.nodes", asked | {"node": by, "by_line": by == "department"})
        return Sums(by, {row["unit"]: row for row in rows}, {row["unit"]: "" for row in rows})
    peers = policy.peer_groups
    asked |= {"kinds": list(peers.kinds or ()), "peer_group": peer_group or ""}
    asked |= {"any_group": peer_group is None}
    if peers.by == "district":
        rows = reader.rows("standings.units_of_districts", asked)
    else:
        rows = reader.rows("standings.units", asked | {"peers_by": peers.by})
    return Sums(by, {row["unit"]: row for row in rows}, _peer_groups(policy, rows))


def published(
    reader: Reader,
    period: Period,
    peer_group: str | None = None,
    as_of: datetime | None = None,
) -> list[Publication]:
    rows = reader.rows(
        "standings.published",
        {
            "period": str(period),
            "peer_group": peer_group or "",
            "any_group": peer_group is None,
            "as_of": as_of or END_OF_TIME,
        },
    )
    return [Publication(**row) for row in rows]


def _peer_groups(policy: ScoringPolicy, rows: Sequence[Row]) -> dict[str, str]:
    """The peer group of every unit that is ranked at all."""
    groups: dict[str, str] = {}
    for row in rows:
        group = policy.peer_groups.name_for(
            kind=row["kind"],
            peer_group=row["peer_group"],
            district=row["district"],
            parent=row["parent"],
        )
        if group is not None:
            groups[row["unit"]] = group
    return groups


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
    )
