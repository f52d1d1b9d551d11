"""The rankings view gives what the rules of rankings give, to the last decimal and place."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.cases.events import Source
from domain.inspections.events import InspectionCorrected, InspectionRecorded
from domain.periods import Period, PeriodKind
from domain.policies.events import PolicyAdopted
from domain.policies.model import ScoringPolicy
from domain.rankings.composing import UnitTotal, compose
from domain.rankings.events import RankedUnit, RankingPublished
from domain.units.decide import territory
from domain.units.events import UnitRegistered, UnitRetired
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.reading import ClickHouseReader
from infra.clickhouse.schema import prepare
from infra.clickhouse.tables import ClickHouseTables
from projections.catalogue import PROJECTIONS
from projections.rules import Rules
from projections.standings import ranking
from streams.projector import Projector
from streams.wire import Decoding
from tests.domain.test_units import unit
from tests.support.memory_log import REGISTRY, MemoryLog
from tests.support.policies import clause, load_scoring, text

START = datetime(2020, 1, 1, tzinfo=UTC)
CHINA = timedelta(hours=8)
POINTS = clause(
    id="sheet", on="inspection.recorded", to="inspected_unit",
    points={"read": "score", "times": 1},
)  # fmt: skip
UNITS = {
    u.unit_id: u
    for u in (
        unit("city", "city"), unit("east", "district", "city"), unit("west", "district", "city"),
        unit("hill", "street", "east"), unit("lake", "street", "west"),
        unit("grid", "grid", "hill"),
        unit("shop", "company", "grid", peer_group="food"),
        unit("inn", "company", "lake", peer_group="food"),
        unit("bar", "company", "hill", peer_group="drink"),
        unit("old", "company", "hill", peer_group="drink", retired=True),
        unit("works", "department", "city"),
    )
}  # fmt: skip
FRAUD = clause(
    id="fraud", on="inspection.recorded", to="inspected_unit", points=0, veto=True,
    when={"source": "expert"},
)  # fmt: skip
KINDS: tuple[PeriodKind, ...] = ("week", "fortnight", "month", "quarter", "year")


def city(log: MemoryLog) -> None:
    for u in UNITS.values():
        registered = UnitRegistered(
            code=u.unit_id, name=u.unit_id, kind=u.kind, parent=u.parent, peer_group=u.peer_group,
            timezone="Asia/Shanghai" if u.kind == "city" else "",
        )  # fmt: skip
        log.append(f"unit-{u.unit_id}", registered, START)
        if u.retired:
            log.append(f"unit-{u.unit_id}", UnitRetired(reason="gone"), START)


def adopted(log: MemoryLog, body: str) -> ScoringPolicy:
    policy = load_scoring(body)
    event = PolicyAdopted(
        policy_id=policy.id, revision=policy.version, effective_from=policy.starts_at,
        digest=policy.digest, body=body,
    )  # fmt: skip
    log.append(f"policy-{policy.id}", event, START)
    return policy


def visit(
    log: MemoryLog, unit_id: str, score: str, at: datetime, policy: ScoringPolicy,
    source: Source = "patrol",
) -> None:  # fmt: skip
    event = InspectionRecorded(
        unit=unit_id, source=source, result="scored", colour="green", score=Decimal(score)
    )
    log.append(f"inspection-{len(log.events)}", event, at, (policy.digest,))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ChdbEngine]:
    with closing(ChdbEngine(tmp_path)) as engine:
        prepare(engine)
        yield engine


def filled(engine: ChdbEngine, log: MemoryLog) -> None:
    tables = ClickHouseTables(engine, PROJECTIONS)
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        projector.apply(Decoding(REGISTRY).steps(log.events))


def shown(engine: ChdbEngine, period: str) -> list[dict[str, Any]]:
    return ClickHouseReader(engine).rows("rankings.of_period", {"period": period})


def places(engine: ChdbEngine, period: str) -> list[tuple[str, int, Decimal, int]]:
    rows = [row for row in shown(engine, period) if not row["published"]]
    return [(row["unit"], row["place"], row["points"], row["entries"]) for row in rows]


def test_a_small_year_end_by_hand(engine: ChdbEngine) -> None:
    """The night of New Year 2027 in China: a Friday, in the 53rd ISO week of 2026."""
    log = MemoryLog()
    city(log)
    policy = adopted(log, text(POINTS, base=0, peer_groups={"by": "all"}))
    new_year = datetime(2027, 1, 1, tzinfo=UTC) - CHINA
    second = timedelta(seconds=1)
    visit(log, "shop", "10", new_year - second, policy)
    visit(log, "inn", "10", new_year, policy)
    visit(log, "bar", "7.555", new_year, policy)
    visit(log, "shop", "-3", datetime(2027, 1, 4, tzinfo=UTC) - CHINA, policy)
    visit(log, "inn", "1", datetime(2027, 1, 18, tzinfo=UTC) - CHINA - second, policy)
    filled(engine, log)
    ten, bar = Decimal(10), Decimal("7.56")
    assert places(engine, "2026-12") == places(engine, "2026") == [("shop", 1, ten, 1)]
    assert places(engine, "2026-Q4") == [("shop", 1, ten, 1)]
    w53 = [("inn", 1, ten, 1), ("shop", 1, ten, 1), ("bar", 3, bar, 1)]
    assert places(engine, "2026-W53") == places(engine, "2026-F27") == w53
    assert places(engine, "2027-W01") == [("shop", 1, Decimal(-3), 1)]
    assert places(engine, "2027-W02") == [("inn", 1, Decimal(1), 1)]
    assert places(engine, "2027-F01") == [("inn", 1, Decimal(1), 1), ("shop", 2, Decimal(-3), 1)]
    january = [("inn", 1, Decimal(11), 2), ("bar", 2, bar, 1), ("shop", 3, Decimal(-3), 1)]
    for period in ("2027-01", "2027-Q1", "2027"):
        assert places(engine, period) == january
    assert places(engine, "2027-W03") == places(engine, "2026-W52") == []


def test_what_was_published_stands_beside_what_the_entries_say_now(engine: ChdbEngine) -> None:
    log = MemoryLog()
    city(log)
    policy = adopted(log, text(POINTS, base=0, peer_groups={"by": "kind"}))
    visit(log, "shop", "5", datetime(2026, 3, 2, tzinfo=UTC), policy)
    log.append(
        "ranking-2026-03/company",
        RankingPublished(
            period="2026-03", peer_group="company", rows=(RankedUnit("shop", 1, Decimal(5), 1),),
            computed_at=len(log.events), policies=(policy.digest,), checksum="c", composed_by="li",
        ),
        datetime(2026, 4, 1, tzinfo=UTC),
    )  # fmt: skip
    published_at = len(log.events)
    visit(log, "inn", "8", datetime(2026, 3, 31, tzinfo=UTC), policy)
    filled(engine, log)
    rows = shown(engine, "2026-03")
    assert [(r["published"], r["unit"], r["place"], r["points"]) for r in rows] == [
        (True, "shop", 1, 5), (False, "inn", 1, 8), (False, "shop", 2, 5),
    ]  # fmt: skip
    assert [r["position"] for r in rows] == [published_at, published_at + 1, published_at - 1]
    assert {(r["peer_group"], r["policy_id"]) for r in rows} == {("company", "example")}


def test_the_version_in_force_at_the_end_of_the_period_governs(engine: ChdbEngine) -> None:
    log = MemoryLog()
    city(log)
    first = adopted(log, text(POINTS, base=100, peer_groups={"by": "all"}))
    second = adopted(
        log, text(POINTS, base=50, version=2, effective_from="2026-03-16", order="low_first",
                  peer_groups={"by": "all"})
    )  # fmt: skip
    visit(log, "shop", "1", datetime(2026, 2, 3, tzinfo=UTC), first)
    visit(log, "shop", "2", datetime(2026, 3, 3, tzinfo=UTC), first)
    visit(log, "inn", "3", datetime(2026, 3, 20, tzinfo=UTC), second)
    filled(engine, log)
    assert places(engine, "2026-02") == [("shop", 1, Decimal(101), 1)]
    assert places(engine, "2026-03") == [("shop", 1, Decimal(52), 1), ("inn", 2, Decimal(53), 1)]
    assert places(engine, "2026-W11") == []
    assert places(engine, "2026-W10") == [("shop", 1, Decimal(102), 1)]


def test_a_veto_puts_last_until_a_correction_takes_it_back(engine: ChdbEngine) -> None:
    log = MemoryLog()
    city(log)
    closed = clause(
        id="closed", on="inspection.recorded", to="inspected_unit", points=0, veto=True,
        when={"result": "scored", "source": "expert"},
    )  # fmt: skip
    policy = adopted(log, text(POINTS, closed, base=0, peer_groups={"by": "all"}))
    day = datetime(2026, 3, 2, tzinfo=UTC)
    visit(log, "shop", "9", day, policy, "expert")
    visit(log, "inn", "5", day, policy)
    filled(engine, log)
    assert [(r["unit"], r["place"], r["veto"]) for r in shown(engine, "2026-03")] == [
        ("inn", 1, False), ("shop", 2, True),
    ]  # fmt: skip
    march, reader = Period.parse("2026-03"), ClickHouseReader(engine)
    assert [(row.unit, row.veto) for row in ranking(reader, policy, march).rows] == [
        ("inn", ""), ("shop", "closed"),
    ]  # fmt: skip
    wrong = next(stream for _, stream, *_ in log.events if stream.startswith("inspection"))
    right = InspectionCorrected(result="pass", colour="green", reason="another shop",
                                score=Decimal(9))  # fmt: skip
    log.append(wrong, right, day + timedelta(days=2), (policy.digest,))
    filled(engine, log)
    assert places(engine, "2026-03") == [("shop", 1, Decimal(9), 3), ("inn", 2, Decimal(5), 1)]
    assert [row.veto for row in ranking(reader, policy, march).rows] == ["", ""]
    then = ranking(reader, policy, march, as_of=day + timedelta(days=1))
    assert [(row.unit, row.veto) for row in then.rows] == [("inn", ""), ("shop", "closed")]


@pytest.mark.parametrize("seed", range(5))
def test_any_policy_ranks_as_its_rules_say(engine: ChdbEngine, seed: int) -> None:
    random = Random(seed)
    log = MemoryLog()
    city(log)
    policies = [adopted(log, body(random, number)) for number in range(12)]
    scores = ("0", "1.25", "1.35", "-0.5", "12.345", "12.355", "-7.0005", "99.99")
    for _ in range(60):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=random.randrange(24 * 150))
        unit_id, score = random.choice(("shop", "inn", "bar", "hill")), random.choice(scores)
        source: Source = random.choice(("patrol", "patrol", "patrol", "expert"))
        visit(log, unit_id, score, at, random.choice(policies), source)
    filled(engine, log)
    with engine.client() as client:
        entries = list(client.query("SELECT * FROM scores").named_results())
        in_order = "SELECT * FROM rankings ORDER BY place, unit"
        found = list(client.query(in_order).named_results())
    days = {entry["day"] for entry in entries}
    for period in {Period.on(kind, day) for kind in KINDS for day in days}:
        for policy in policies:
            mine = [r for r in found if (r["period"], r["policy_id"]) == (str(period), policy.id)]
            assert told(mine) == composed(policy, period, entries), (str(period), policy.id)
    # A period in which everybody is vetoed and left out has no rows.
    assert {row["period"] for row in found} <= {
        str(Period.on(kind, day)) for kind in KINDS for day in days
    }


Lines = dict[str, list[tuple[str, int, Decimal, int, bool]]]


def told(rows: list[dict[str, Any]]) -> Lines:
    groups: Lines = {}
    for row in rows:
        line = (row["unit"], row["place"], row["points"], row["entries"], row["veto"])
        groups.setdefault(row["peer_group"], []).append(line)
    return groups


def composed(policy: ScoringPolicy, period: Period, entries: list[dict[str, Any]]) -> Lines:
    totals = [
        UnitTotal(entry["unit"], entry["points"], 1, entry["clause"] if entry["veto"] else "")
        for entry in entries
        if entry["policy_id"] == policy.id and period.first <= entry["day"] < period.end
    ]
    if not totals:
        return {}
    ranked = compose(policy, totals, peers(policy))
    return {
        group: [(row.unit, row.place, row.points, row.entries, bool(row.veto)) for row in rows]
        for group, rows in ranked.items()
    }


def peers(policy: ScoringPolicy) -> Mapping[str, str]:
    named = {
        u.unit_id: policy.peer_groups.name_for(
            kind=u.kind, peer_group=u.peer_group, parent=u.parent,
            district=territory(u.unit_id, UNITS.get)[0],
        )
        for u in UNITS.values()
        if not u.retired
    }  # fmt: skip
    return {unit_id: name for unit_id, name in named.items() if name is not None}


def body(random: Random, number: int) -> str:
    order = random.choice(("high_first", "low_first"))
    # Where the fewest points are the best, no policy may veto the best.
    standards = (None, {"below": 1}, {"below": "100.3"}) if order == "high_first" else (None,)
    return text(
        *random.choice(((POINTS,), (POINTS, FRAUD))),
        id=f"policy-{number}",
        standard=random.choice(standards),
        vetoed=random.choice(("last", "unranked")),
        base=random.choice((0, 100, "-1.5")),
        floor=random.choice((None, -2)),
        ceiling=random.choice((None, 101, "112.5")),
        rounding={
            "decimals": random.randrange(5), "mode": random.choice(("half_up", "half_even"))
        },
        ties=random.choice(("competition", "dense")),
        eligibility=random.choice(("touched", "all")),
        order=order,
        peer_groups={
            "by": random.choice(("peer_group", "kind", "district", "parent", "all")),
            **random.choice(({}, {"kinds": ["company"]}, {"kinds": ["company", "street"]})),
        },
    )  # fmt: skip
