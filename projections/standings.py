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
    found = sums(reader, policy, [period.previous(), period], by, peer_group, as_of, up_to)
    before, placed = (found.placed(policy, number) for number in (1, 2))
    return Ranking(
        period=str(period),
        by=by,
        policy=policy.ref,
        policy_id=policy.id,
        policy_digest=policy.digest,
        as_of=as_of,
        computed_at=max((row["position"] for row in found.rows if row["number"] == 2), default=0),
        rows=_standings(
            placed, found, {row.unit: row.place for rows in before.values() for row in rows}
        ),
    )


@dataclass(frozen=True, slots=True)
class Sums:
    """What the units got in each of several periods; ``peers`` are those that may be ranked."""

    by: By
    rows: Sequence[Row]
    peers: Mapping[str, str]

    def placed(self, policy: ScoringPolicy, number: int) -> dict[str, tuple[RankedUnit, ...]]:
        """The placed units of each peer group in the period with that number, from 1."""
        totals = [
            UnitTotal(row["unit"], row["points"], row["entries"])
            for row in self.rows
            if row["number"] == number
        ]
        scored = {total.unit for total in totals}
        gone = {row["unit"] for row in self.rows if row["retired"]} - scored
        peers = {unit: group for unit, group in self.peers.items() if unit not in gone}
        if self.by != "peers":
            policy = policy.model_copy(update={"floor": None, "ceiling": None})
        return compose(policy, totals, peers)


def sums(
    reader: Reader,
    policy: ScoringPolicy,
    periods: Sequence[Period],
    by: By = "peers",
    peer_group: str | None = None,
    as_of: datetime | None = None,
    up_to: int | None = None,
) -> Sums:
    """``periods`` follow each other."""
    asked: dict[str, Any] = {
        "policy_id": policy.id,
        "starts": [period.first for period in periods],
        "end": periods[-1].end,
        "as_of": as_of or END_OF_TIME,
        "up_to": NO_POSITION if up_to is None else up_to,
        "everybody": policy.eligibility == "all",
    }
    if by != "peers":
        asked |= {"above": by, "by_line": by == "department"}
        rows = reader.rows("standings.nodes", asked)
        return Sums(by, rows, {row["unit"]: "" for row in rows})
    peers = policy.peer_groups
    asked |= {
        "above": "district" if peers.by == "district" else "",
        "kinds": list(peers.kinds or ()),
        "peers_by": peers.by,
        "peer_group": peer_group or "",
        "any_group": peer_group is None,
    }
    rows = reader.rows("standings.units", asked)
    return Sums(by, rows, _peer_groups(policy, rows))


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
    """The peer group of every unit found."""
    named = policy.peer_groups.name_for
    groups = {
        row["unit"]: named(
            kind=row["kind"],
            peer_group=row["peer_group"],
            district=row["above"],
            parent=row["parent"],
        )
        for row in rows
    }
    return {unit: group for unit, group in groups.items() if group is not None}


def _standings(
    placed: Mapping[str, Sequence[RankedUnit]], found: Sums, before: Mapping[str, int]
) -> tuple[Standing, ...]:
    known = {row["unit"]: row for row in found.rows}
    balances = {row["unit"]: row["points"] for row in found.rows if row["number"] == 2}
    return tuple(
        Standing(
            peer_group=group,
            place=row.place,
            unit=row.unit,
            name=known[row.unit]["name"],
            kind=known[row.unit]["kind"],
            points=row.points,
            balance=balances.get(row.unit, Decimal(0)),
            entries=row.entries,
            previous_place=before.get(row.unit),
        )
        for group, rows in placed.items()
        for row in rows
    )
