"""Everything can be asked why: the sentence, the clause, the events, and what adds up."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from api.explain import sources_of
from domain.accountability import commands as ac
from domain.appeals.commands import FileAppeal, UpholdAppeal
from domain.cases import commands as c
from domain.cases.events import Limit
from domain.inspections.commands import CorrectInspection, RecordInspection
from domain.money import commands as mo
from projections.why import Explanation, Part, why
from tests.support.preset_cities import Story, told

UNITS = {"east": ("district", "city"), "lake": ("street", "east"), "hill": ("street", "east")}


def ask(story: Story, thing: str, key: str, as_of: datetime | None = None) -> Explanation:
    story.runtime.catch_up()
    return why(sources_of(story.runtime.services), thing, key, as_of)


def adds_up(parts: tuple[Part, ...], amount: Decimal) -> bool:
    return sum((part.amount for part in parts if part.amount is not None), Decimal(0)) == amount


def english(found: Explanation) -> str:
    return "\n".join(said.en for said in found.sentences)


def test_an_entry_names_its_clause_its_multiplier_and_its_event(tmp_path: Path) -> None:
    with told(tmp_path, "jinhua", UNITS, "2026-03-02 09:00") as story:
        story.case("A1", "lake", source="media")
        story.do(c.RectifyCase(case_id="A1", note="done"), "lake")
        at = story.do(c.OrderRework(case_id="A1", reason="still there"), "checker").last_position
        found = ask(story, "entry", f"{at}.0")
        assert found.amount == Decimal("-0.4")
        assert [clause.clause for clause in found.clauses] == ["rework", "leaders-and-media"]
        assert found.clauses[1].basis == "领导交办、媒体曝光案件加倍扣分"
        assert "times 2" in english(found)
        (event,) = found.events
        assert (event.name, event.actor) == ("case.rework_ordered", "checker")
        assert ("case", "A1") in [(link.kind, link.id) for link in found.links]


def test_an_upheld_appeal_stands_beside_the_entry_it_takes_back(tmp_path: Path) -> None:
    with told(tmp_path, "default", UNITS, "2026-03-02 09:00") as story:
        story.case("A1", "lake", limit=Limit(1, "urgent_hours"))
        story.at("2026-03-02 12:00").react()  # overdue
        (row,) = story.rows("SELECT position, entry FROM scores WHERE event = 'case.overdue'")
        key = f"{row[0]}.{row[1]}"
        before = story.clock.now()
        story.at("2026-03-03 09:00")
        appeal = FileAppeal(against="score_entry", subject=key, unit="lake", grounds="flooded")
        story.do(appeal, "lake clerk")
        assert "1" in english(ask(story, "entry", key))
        story.do(UpholdAppeal(appeal_id=appeal.stream_key, reason="it was flooded"), "reviewer")
        found = ask(story, "entry", key)
        assert found.amount == 0
        assert [part.amount for part in found.parts] == [Decimal(-2), Decimal(2)]
        assert ask(story, "entry", key, before).amount == -2  # as it was known then
        counter = ask(story, "entry", f"{story.runtime.store.last_position()}.0")
        assert ("entry", key) in [(link.kind, link.id) for link in counter.links]
        decided = ask(story, "appeal", appeal.stream_key)
        assert decided.clauses[0].clause == "score_entry"
        assert "reviewer upheld it" in english(decided)


def test_a_corrected_visit_shows_what_the_correction_added(tmp_path: Path) -> None:
    with told(tmp_path, "default", UNITS, "2026-03-02 09:00") as story:
        visit = RecordInspection(
            inspection_id="v", unit="lake", source="third_party", result="scored",
            score=Decimal(60),
        )  # fmt: skip
        at = story.do(visit).last_position
        right = CorrectInspection(
            inspection_id="v", result="scored", score=Decimal(80), reason="mistyped"
        )
        story.do(right)
        found = ask(story, "entry", f"{at}.0")
        assert [part.amount for part in found.parts] == [Decimal(-8), Decimal(4)]
        assert "(score − 100) × 0.2" in english(found)


def test_a_composite_rank_shows_mark_times_weight_and_the_money_rests_on_it(
    tmp_path: Path,
) -> None:
    four = {f"d{n}": ("district", "city") for n in range(1, 5)}
    with told(tmp_path, "shenyang", four, "2026-03-02 08:00") as story:
        for day, scores in (
            ("2026-03-04 10:00", "96 80 80 70"),
            ("2026-03-11 10:00", "94 84 84 74"),
        ):
            story.at(day)
            for unit, score in zip(four, scores.split(), strict=True):
                story.sheet(unit, score)
        story.at("2026-03-20 10:00")
        for unit in four:
            story.sheet(unit, "88", "expert")
        story.at("2026-04-01 09:00")
        story.publish("shenyang-composite", "2026-03", "district")
        story.react()
        found = ask(story, "rank", "shenyang-composite:2026-03:district:d2")
        assert (found.amount, found.parts[0].amount) == (Decimal("83.80"), Decimal("57.4"))
        assert adds_up(found.parts, Decimal("83.80"))
        weeks = [part.said.en for part in found.parts[0].parts]
        assert weeks[1:] == ["Week 10 of 2026: 80", "Week 11 of 2026: 84"]
        assert "It shares the place with d3" in english(found)
        assert "It was published on 2026-04-01 09:00: place 2" in english(found)
        ranked = ask(story, "ranking", "shenyang-composite:2026-03:district")
        assert "computed again from the rows, is the same" in english(ranked)
        assert len(ranked.parts) == 4
        key, proposal = next((k, e) for k, e in story.proposed("money").items() if e.unit == "d4")
        paid = ask(story, "money", key)
        assert paid.clauses[0].clause == "last"
        assert paid.sentences[0].en.endswith(proposal.reason.en)
        assert "Next may come: review, declining it." in english(paid)
        assert paid.events[0].name == "ranking.published"
        story.do(mo.ReviewMoney(money_id=key), "reader")
        assert "may not decide it (reader)" in english(ask(story, "money", key))


def test_a_slip_says_what_started_it_and_what_may_come_next(tmp_path: Path) -> None:
    with told(tmp_path, "sanming", UNITS, "2026-03-02 09:00") as story:
        story.case("task", "lake", "紧急")
        story.react()
        found = ask(story, "slip", "task.1")
        assert found.title.en == "lake: orange slip task.1 (proposed, waiting to be issued)"
        assert found.clauses[0].clause == "three-colours"
        assert "Mind: of three-colours no document says steps, starts" in english(found)
        assert "Next may come: issue, withdrawal" in english(found)
        assert found.events[0].name == "case.dispatched"
        assert ask(story, "colour", "lake").title.en == "lake: green"
        story.issue("task.1")
        lake = ask(story, "colour", "lake")
        assert lake.title.zh == "lake：橙色"
        assert [part.link.id for part in lake.parts if part.link] == ["task.1"]


def test_accountability_names_everything_it_rests_on(tmp_path: Path) -> None:
    with told(tmp_path, "longchang", UNITS, "2026-03-02 09:00") as story:
        for number in range(1, 4):
            story.case(f"p{number}", "lake", "严重")
            story.react()
            story.issue(f"p{number}.1")
        ((key, _),) = story.proposed("accountability").items()
        found = ask(story, "accountability", key)
        assert [e.name for e in found.events[:3]] == ["slip.issued"] * 3
        assert "the system only proposes" in english(found)
        story.do(ac.ReviewAccountability(accountability_id=key), "reader")
        assert "Next may come: a decision" in english(ask(story, "accountability", key))


def test_a_deadline_says_limit_clock_and_calendar_and_what_moved_it(tmp_path: Path) -> None:
    with told(tmp_path, "default", UNITS, "2026-03-02 09:00") as story:
        story.case("A1", "lake", limit=Limit(2, "working_days"))
        fresh = story.clock.now()
        story.at("2026-03-03 09:00")
        story.do(c.RequestExtension(case_id="A1", reason="rain"), "lake")
        story.do(c.ApproveExtension(case_id="A1"), "chief")
        found = ask(story, "case", "A1")
        assert "The limit of 2 working days began 2026-03-02 09:00 and ends 2026-03-06 09:00 " in (
            english(found)
        )
        assert "08:00–12:00, 14:00–18:00" in english(found)
        assert [part.position for part in found.parts] == sorted(
            event.position for event in found.events
        )
        assert "Of 4 working days 1 working days are used (25%)" in english(found)
        assert "Of 2 working days 0 working days" in english(ask(story, "light", "A1", fresh))
        story.at("2026-03-09 09:00").react()
        assert ask(story, "light", "A1").title.en == "Clock light of case A1: red"
        assert "passed without an answer" in english(ask(story, "case", "A1"))


def test_a_suspended_clock_stands_in_the_account_too(tmp_path: Path) -> None:
    with told(tmp_path, "default", UNITS, "2026-03-02 09:00") as story:
        story.case("A1", "lake", limit=Limit(10, "natural_days"))
        story.at("2026-03-03 09:00")
        until = datetime(2026, 3, 20, 1, tzinfo=UTC)
        story.do(c.SuspendCase(case_id="A1", reason="winter", until=until), "chief")
        story.at("2026-03-10 09:00")
        assert "Of 10 natural days 1 natural days are used (10%)" in (
            english(ask(story, "light", "A1"))
        )
        story.do(c.ResumeCase(case_id="A1"), "chief")
        story.at("2026-03-11 09:00")
        assert "Of 10 natural days 2 natural days are used (20%)" in (
            english(ask(story, "light", "A1"))
        )


def test_a_rate_says_its_formula_and_what_is_not_applicable(tmp_path: Path) -> None:
    with told(tmp_path, "jinhua", UNITS, "2026-03-02 09:00") as story:
        for number in range(3):
            story.case(f"A{number}", "lake")
        story.put_right("A0", "lake")
        story.at("2026-03-10 09:00").react()
        found = ask(story, "indicator", "closing:lake:2026-03")
        assert found.title.en == "lake, March 2026: Closed of due 33.33 %"
        assert "closed (closed) ÷ (due to close (due_to_close) − suspended (suspended))" in (
            english(found)
        )
        assert "1 ÷ 3 = 33.33 %" in english(found)
        assert "at least 90 %: missed" in english(found)
        assert [part.link.id for part in found.parts[0].parts if part.link] == ["A0"]
        none = ask(story, "indicator", "closing:hill:2026-03")
        assert "not applicable: neither 0 nor 100" in english(none)
        assert none.title.zh.endswith("不适用")
