"""Whatever is put right later counts from then on, and changes nothing of what was known before."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.appeals.events import AppealFiled, AppealUpheld, ContestedEntry
from domain.inspections.events import InspectionCorrected, InspectionRecorded
from domain.policies.events import PolicyAdopted
from domain.policies.loading import load
from domain.rankings.composing import UnitTotal, checksum, compose
from domain.rankings.events import RankedUnit
from projections.score_rows import ScoreRow
from tests.projections.test_scores import entries
from tests.support.memory_log import MemoryLog
from tests.support.policies import clause, load_scoring, text
from tests.support.specification import MONDAY

BODY = text(
    clause(id="score", on="inspection.recorded", to="inspected_unit", points={"read": "score"}),
    clause(
        id="closed", on="inspection.recorded", to="inspected_unit", points=-1,
        when={"result": "closed"}, veto=True,
    ),
)  # fmt: skip
POLICY = load_scoring(BODY)
UNITS = ("inn", "bar", "shop")

What = Literal["visit", "correct", "appeal"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["visit", "visit", "correct", "appeal"]),
        st.sampled_from(UNITS),
        st.integers(-9, 9),
        st.booleans(),
    ),
    max_size=25,
)


class Told:
    """A log to which things happen one after the other."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.digest = load(BODY).digest
        self.visits: list[str] = []
        self.appealed: set[tuple[int, int]] = set()
        self.log.append(
            "policy-example",
            PolicyAdopted(
                policy_id="example", revision=1, effective_from=POLICY.starts_at,
                digest=self.digest, body=BODY,
            ),
            MONDAY,
        )  # fmt: skip

    def tell(self, what: str, unit: str, score: int, closed: bool) -> None:
        result: Any = "closed" if closed else "scored"
        colour: Any = "red" if closed else "green"
        if what == "visit":
            self.visits.append(f"inspection-{len(self.visits)}")
            visit = InspectionRecorded(
                unit=unit, source="patrol", result=result, colour=colour, score=Decimal(score)
            )
            self._append(self.visits[-1], visit)
        elif what == "correct" and self.visits:
            corrected = InspectionCorrected(
                result=result, colour=colour, reason="x", score=Decimal(score)
            )
            self._append(self.visits[score % len(self.visits)], corrected)
        elif what == "appeal":
            self._appeal(score)

    def _appeal(self, chance: int) -> None:
        open_entries = [
            row
            for row in entries(self.log)
            if row.event != "appeal.upheld" and (row.position, row.entry) not in self.appealed
        ]
        if not open_entries:
            return
        row = open_entries[chance % len(open_entries)]
        self.appealed.add((row.position, row.entry))
        values: Mapping[str, Any] = msgspec.structs.asdict(row)
        contested = ContestedEntry(**{name: values[name] for name in ContestedEntry.__slots__})
        filed = AppealFiled(
            against="score_entry", subject=f"{row.position}.{row.entry}", stream="x",
            unit=row.unit, grounds="g", authority="o", known_at=MONDAY, due_at=MONDAY, policy="p",
            entries=(contested,),
        )  # fmt: skip
        stream = f"appeal-{row.position}-{row.entry}"
        self._append(stream, filed)
        self._append(stream, AppealUpheld(reason="so it is"))

    def _append(self, stream: str, event: Any) -> None:
        at = MONDAY + timedelta(minutes=self.log.last_position())
        self.log.append(stream, event, at, (self.digest,))


def totals_of(rows: list[ScoreRow]) -> list[UnitTotal]:
    """As the tables add up: a veto stands while a clause has vetoed more often than was undone."""
    totals: dict[str, list[ScoreRow]] = {}
    for row in rows:
        totals.setdefault(row.unit, []).append(row)
    return [
        UnitTotal(
            unit,
            sum((row.points for row in mine), Decimal(0)),
            len(mine),
            "closed" if sum(row.veto for row in mine) > 0 else "",
        )
        for unit, mine in totals.items()
    ]


def frozen(rows: list[ScoreRow], up_to: int) -> str:
    """The checksum of the ranking as it stood at a position."""
    counted = [row for row in rows if row.position <= up_to]
    ranked: tuple[RankedUnit, ...] = compose(
        POLICY, totals_of(counted), dict.fromkeys(UNITS, "all")
    ).get("all", ())
    return checksum("2026-03", "all", up_to, (POLICY.digest,), ranked, "example")


@given(STEPS)
def test_a_ranking_computed_up_to_a_position_is_the_same_for_ever(
    steps: list[tuple[str, str, int, bool]],
) -> None:
    told, then = Told(), dict[int, str]()
    for step in steps:
        told.tell(*step)
        position = told.log.last_position()
        then[position] = frozen(entries(told.log), position)
    rows = entries(told.log)
    assert {position: frozen(rows, position) for position in then} == then


@given(STEPS)
def test_when_every_entry_has_fallen_nothing_is_left_of_points_or_vetoes(
    steps: list[tuple[str, str, int, bool]],
) -> None:
    told = Told()
    for step in steps:
        told.tell(*step)
    for _ in range(100):
        told.tell("appeal", "inn", 0, False)
    for total in totals_of(entries(told.log)):
        assert (total.points, total.veto) == (0, "")
