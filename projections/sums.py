"""Score entries added up: what each unit got in a period, and who its peers were."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.model import Board, ScoringPolicy
from domain.rankings.composing import Mark, UnitTotal, compose, left_out, reached
from domain.rankings.events import RankedUnit
from projections.peers import among_peers
from projections.reading import Reader, Row

By = Literal["peers", "district", "street", "community", "grid", "department", "company"]

NO_POSITION = 2**63 - 1
AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sums:
    """What each unit, by id, got in a period and in the one before it; ``peers`` names the group
    of every unit that is ranked at all, ``retired`` are those out of service by then."""

    by: By
    rows: Mapping[str, Row]
    peers: Mapping[str, str]
    retired: frozenset[str]

    def placed(self, policy: ScoringPolicy) -> dict[str, tuple[RankedUnit, ...]]:
        """The placed units of each peer group in the period."""
        return self._placed(policy, "")

    def before(self, policy: ScoringPolicy) -> dict[str, tuple[RankedUnit, ...]]:
        """And in the period before it."""
        return self._placed(policy, "_before")

    def left_out(self, policy: ScoringPolicy) -> list[tuple[str, str]]:
        """Who is not ranked in the period because of a veto: (unit, veto)."""
        if self.by != "peers":
            return []
        totals = self._totals("")
        return left_out(policy, reached(policy, totals.values()), self.there(totals))

    def there(self, touched: Container[str]) -> Mapping[str, str]:
        """Who can be on the board, with their peers: a retired unit only if it was touched."""
        gone = [unit for unit in self.retired if unit not in touched]
        return (
            {u: group for u, group in self.peers.items() if u not in gone} if gone else self.peers
        )

    def _placed(self, policy: ScoringPolicy, when: str) -> dict[str, tuple[RankedUnit, ...]]:
        totals = self._totals(when)
        if self.by != "peers":
            alone = ("floor", "ceiling", "standard")  # meant for one unit
            policy = policy.model_copy(update=dict.fromkeys(alone))
        return compose(policy, totals.values(), self.there(totals))

    def _totals(self, when: str) -> dict[str, UnitTotal]:
        points, entries, veto = f"points{when}", f"entries{when}", f"veto{when}"
        return {
            row["unit"]: UnitTotal(row["unit"], row[points], row[entries], row[veto])
            for row in self.rows.values()
            if row[entries]
        }


def sums(
    reader: Reader,
    policy: ScoringPolicy,
    period: Period,
    by: By = "peers",
    peer_group: str | None = None,
    as_of: datetime | None = None,
    up_to: int | None = None,
    at: datetime | None = None,
) -> Sums:
    asked = _asked(policy, period, as_of, up_to, at)
    asked |= {"before": period.previous().first, "everybody": policy.eligibility == "all"}
    if by != "peers":
        rows = reader.rows("standings.nodes", asked | {"node": by, "by_line": by == "department"})
        return _sums(by, rows, {row["unit"]: "" for row in rows})
    return _among_peers(reader, policy, period, peer_group, asked)


def roster(
    reader: Reader,
    board: Board,
    period: Period,
    as_of: datetime | None = None,
    up_to: int | None = None,
    at: datetime | None = None,
) -> Sums:
    """Every unit that can be on a board, and nothing of what it got."""
    asked = _asked(board, period, as_of, up_to, at)
    asked |= {"policy_id": "", "before": period.first, "everybody": True}
    return _among_peers(reader, board, period, None, asked)


def _among_peers(
    reader: Reader, board: Board, period: Period, peer_group: str | None, asked: dict[str, Any]
) -> Sums:
    rows = reader.rows("standings.units", asked | {"kinds": list(board.peer_groups.kinds or ())})
    known = {"as_of": asked["as_of"], "up_to": asked["up_to"]}
    end_at = min(period.bounds(ZoneInfo(board.timezone))[1], asked["at"] + AN_INSTANT)
    rows, groups = among_peers(reader, board.peer_groups, rows, known | {"end_at": end_at})
    if peer_group is not None:
        groups = {unit: group for unit, group in groups.items() if group == peer_group}
        rows = [row for row in rows if row["unit"] in groups]
    return _sums("peers", rows, groups)


def _sums(by: By, rows: Sequence[Row], peers: Mapping[str, str]) -> Sums:
    retired = frozenset(row["unit"] for row in rows if row["retired"])
    return Sums(by, {row["unit"]: row for row in rows}, peers, retired)


def marks(
    reader: Reader,
    boards: Sequence[ScoringPolicy],
    periods: Sequence[Period],
    as_of: datetime | None = None,
    up_to: int | None = None,
    at: datetime | None = None,
) -> tuple[list[list[Mark]], int]:
    """What units have on a board in each of these periods, which are in order; ``boards``
    holds the version that rules each. And the position of the newest entry."""
    whole = Period(periods[0].first, periods[-1].end, periods[-1].kind)
    asked = _asked(boards[-1], whole, as_of, up_to, at)
    asked["firsts"] = [period.first for period in periods]
    asked["ends"] = [period.end for period in periods]
    totals: list[dict[str, UnitTotal]] = [{} for _ in periods]
    newest = 0
    for row in reader.rows("standings.series", asked):
        unit = row["unit"]
        total = UnitTotal(unit, row["points"], row["entries"], row["veto"])
        totals[row["number"] - 1][unit] = total
        newest = max(newest, row["position"])
    units = roster(reader, boards[-1], whole, as_of, up_to, at)
    found: list[list[Mark]] = []
    for board, touched in zip(boards, totals, strict=True):
        there = units.there(touched)
        everybody = there if board.eligibility == "all" else ()
        reaching = reached(board, touched.values(), everybody)
        found.append([mark for mark in reaching if mark.unit in there])
    return found, newest


def _asked(
    board: Board,
    period: Period,
    as_of: datetime | None,
    up_to: int | None,
    at: datetime | None,
) -> dict[str, Any]:
    return {
        "policy_id": board.id,
        "first": period.first,
        "end": period.end,
        "as_of": as_of or LAST_MOMENT,
        "at": at or LAST_MOMENT,
        "up_to": NO_POSITION if up_to is None else up_to,
    }
