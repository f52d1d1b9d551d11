"""Golden stories of the boards: nested periods, two bases and a veto, published rates."""

from pathlib import Path

from domain.cases import commands as c
from domain.cases.events import Limit
from domain.messages import Appended, Command
from domain.periods import Period
from domain.policies.measures import IndicatorPolicy
from domain.requests import Request
from projections.indicators import table
from tests.support.preset_cities import Story, told


def test_tongchuan_s_week_month_and_quarter_stand_on_the_same_facts(tmp_path: Path) -> None:
    units = {"s": ("street", "city"), "c1": ("community", "s"), "c2": ("community", "s")}
    with told(tmp_path, "tongchuan", units, "2026-03-04 09:00") as story:
        story.case("a", "c1")
        story.case("b", "c1")
        story.case("c", "c2")
        story.at("2026-03-20 09:00").case("d", "c2")
        story.at("2026-04-01 09:00")
        assert story.publish("tongchuan", "2026-W10", "community") == [
            (1, "c2", "99.00"), (2, "c1", "98.00"),
        ]  # fmt: skip
        assert story.publish("tongchuan", "2026-03", "community") == [
            (1, "c1", "98.00"), (1, "c2", "98.00"),
        ]  # fmt: skip
        # (100 + 100 + 98) ÷ 3
        assert story.publish("tongchuan-composite", "2026-Q1", "community") == [
            (1, "c1", "99.33"), (1, "c2", "99.33"),
        ]  # fmt: skip


def test_changzhou_s_days_make_the_month_and_its_months_the_year(tmp_path: Path) -> None:
    units = {"g1": ("grid", "city"), "g2": ("grid", "city"), "works": ("department", "city")}
    with told(tmp_path, "changzhou", units, "2026-03-04 09:00") as story:
        for number in range(20):
            story.case(f"a{number}", "g1", category="07")
        story.at("2027-01-02 09:00")
        assert story.publish("changzhou", "2026-03-04", "grid") == [
            (1, "g2", "100.00"), (2, "g1", "90.00"),
        ]  # fmt: skip
        # (30 × 100 + 90) ÷ 31, then (11 × 100 + 99.68) ÷ 12
        assert story.publish("changzhou-composite", "2026-03", "grid")[1] == (2, "g1", "99.68")
        assert story.publish("changzhou-year", "2026", "grid") == [
            (1, "g2", "100.00"), (2, "g1", "99.97"),
        ]  # fmt: skip
        assert story.publish("changzhou-year", "2026", "department") == [(1, "works", "100.00")]


def test_zhangjiagang_scores_beats_by_100_and_towns_by_1000_and_vetoes_below_the_standard(
    tmp_path: Path,
) -> None:
    units = {
        "t1": ("street", "city"), "t2": ("street", "city"), "t3": ("street", "city"),
        "b1": ("grid", "t1"), "b2": ("grid", "t1"),
    }  # fmt: skip
    with told(tmp_path, "zhangjiagang", units, "2026-03-04 09:00") as story:
        story.case("a", "b1", source="hotline")
        story.case("b", "b2", source="patrol")
        for number in range(12):
            story.case(f"t{number}", "t1", source="covert_check")
        story.at("2027-01-02 09:00")
        for town, score in (("t1", "80"), ("t2", "70"), ("t3", "55")):
            story.reading("other-work", town, "2026", score)
        assert story.publish("zhangjiagang", "2026-03-04", "grid") == [
            (1, "b2", "100.0"), (2, "b1", "98.0"),
        ]  # fmt: skip
        # The average of twelve months, one of them at 88, and nine times the other work.
        assert story.publish("zhangjiagang-composite", "2026", "street") == [
            (1, "t1", "819.00"), (2, "t2", "730.00"), (3, "t3", "595.00"),
        ]  # fmt: skip
        _, ranking = story.runtime.desk.state("ranking-zhangjiagang-composite:2026:street")
        assert [row.veto for row in ranking.published.rows] == ["", "", "standard"]


def test_jinhua_s_rates_and_deductions_make_a_hundred_points(tmp_path: Path) -> None:
    units = {f"d{n}": ("district", "city") for n in (1, 2, 3)}
    with told(tmp_path, "jinhua", units, "2026-03-02 09:00") as story:
        for number in range(10):
            for unit in units:
                source = "media" if (unit, number) == ("d1", 9) else "patrol"
                story.case(f"{unit}-{number}", unit, source=source)
        for number in range(2):
            story.do(c.SuspendCase(
                case_id=f"d3-{number}", reason="施工", until=story.clock.now().replace(month=6)
            ))  # fmt: skip
        for unit, numbers in (("d1", range(3, 8)), ("d2", range(6)), ("d3", range(2, 10))):
            for number in numbers:
                story.put_right(f"{unit}-{number}", unit)
        _rework(story, "d1-8", 3)
        _rework(story, "d1-9", 1)
        story.at("2026-03-10 09:00")
        for case_id in ("d1-0", "d1-1", "d1-2", "d2-6", "d2-7"):
            story.put_right(case_id, case_id[:2])
        story.reading("fraud", "d1", "2026-03", "1")
        story.at("2026-04-02 09:00")
        # d1: 70 % in time earn 50, all closed 20; 30 less 0.2 twice, 0.5, 0.4 (media) and 1.
        # d2: 60 % in time earn 40, 80 % closed 10. d3: its suspended cases are not due.
        assert story.publish("jinhua-composite", "2026-03", "district") == [
            (1, "d3", "100.00"), (2, "d1", "97.70"), (3, "d2", "80.00"),
        ]  # fmt: skip


def _rework(story: Story, case_id: str, times: int) -> None:
    """Answered at once, found wanting so many times, and put right the same day."""
    unit = case_id[:2]
    for _ in range(times):
        story.do(c.RectifyCase(case_id=case_id, note="已整改"), unit)
        story.do(c.OrderRework(case_id=case_id, reason="仍不到位"), "checker")
    story.put_right(case_id, unit)


def test_a_groundless_refusal_costs_a_point_in_jinhua(tmp_path: Path) -> None:
    units = {"d1": ("district", "city"), "d2": ("district", "city")}
    with told(tmp_path, "jinhua", units, "2026-03-02 09:00") as story:
        for unit in units:
            story.case(f"{unit}-1", unit)
            story.do(c.DisputeCase(case_id=f"{unit}-1", reason="不属本辖区"), unit)
        story.do(c.RuleCase(case_id="d1-1", unit="d1", basis="界线图"))
        story.do(c.RuleCase(case_id="d2-1", unit="d1", basis="界线图"))
        story.at("2026-04-02 09:00")
        assert story.publish("jinhua", "2026-03", "district") == [
            (1, "d2", "30.00"), (2, "d1", "29.00"),
        ]  # fmt: skip


# Tianmen, December 2016: filed, due, closed and closed in time of events and of components.
TIANMEN = {"事件": (971, 956, 902, 730), "部件": (25, 16, 9, 7)}


def test_tianmen_s_figures_of_december_2016_come_out_to_the_hundredth(tmp_path: Path) -> None:
    with told(tmp_path, "tianmen", {"works": ("department", "city")}, "2016-12-01 09:00") as story:
        _december(story)
        (policy,) = story.runtime.desk.standing.policies
        assert isinstance(policy, IndicatorPolicy)
        story.runtime.catch_up()

        def found(by: str) -> dict[str, tuple[dict[str, int], dict[str, str]]]:
            lines = table(story.runtime.services.reader, policy, Period.parse("2016-12"), by=by)  # type: ignore[arg-type]
            return {
                line.name: (dict(line.counts), {r.rate: str(r.value) for r in line.rates})  # type: ignore[misc]
                for line in lines
            }

        counts, rates = found("total")[""]
        assert [counts[word] for word in ("reported", "filed", "due_to_close", "closed")] == [
            1054, 996, 972, 911,
        ]  # fmt: skip
        assert counts["closed_in_time"] == 737
        assert (rates["closing"], rates["closing-in-time"]) == ("93.72", "75.82")
        parts = found("part")
        assert {name: rates["closing"] for name, (_, rates) in parts.items()} == {
            "event": "94.35", "component": "56.25",
        }  # fmt: skip
        assert [parts[name][0]["due_to_close"] for name in ("event", "component")] == [956, 16]
        sources = {name: counts["filed"] for name, (counts, _) in found("source").items()}
        assert sources == {"patrol": 953, "hotline": 43}


def _december(story: Story) -> None:
    """1,054 reports: 58 rejected, 24 not due in the year, 61 open, 174 late, 737 in time."""
    wanted: list[tuple[str, str]] = [("事件", "rejected")] * 58
    for category, (filed, due, closed, in_time) in TIANMEN.items():
        for what, number in (
            ("not due", filed - due), ("open", due - closed), ("late", closed - in_time),
            ("in time", in_time),
        ):  # fmt: skip
            wanted += [(category, what)] * number
    early: list[list[Command]] = []
    late: list[list[Command]] = []
    for number, (category, what) in enumerate(wanted):
        case_id = f"t{number}"
        source = "hotline" if 58 <= number < 58 + 43 else "patrol"
        report = c.ReportCase(case_id=case_id, source=source, category=category, text="问题")
        if what == "rejected":
            early.append([report, c.RejectCase(case_id=case_id, reason="不符合立案条件")])
            continue
        limit = Limit(60 if what == "not due" else 1, "natural_days")
        early.append([report, c.FileCase(case_id=case_id, standard="1"),
                      c.DispatchCase(case_id=case_id, unit="works", limit=limit)])  # fmt: skip
        if what in ("in time", "late"):
            (early if what == "in time" else late).append(_closing(case_id))
    _all(story, early)
    story.at("2016-12-20 09:00")
    _all(story, late)
    story.at("2017-01-05 09:00")


def _closing(case_id: str) -> list[Command]:
    return [c.RectifyCase(case_id=case_id, note="已整改"), c.VerifyCase(case_id=case_id),
            c.CloseCase(case_id=case_id)]  # fmt: skip


def _all(story: Story, groups: list[list[Command]]) -> None:
    actors = {c.RectifyCase: "works"}
    asked = [
        ([Request(command, actors.get(type(command), "officer")) for command in group],
         f"december/{story.clock.now():%d}/{number}")
        for number, group in enumerate(groups)
    ]  # fmt: skip
    answers = story.runtime.desk.handle_all(asked)
    assert all(isinstance(answer, Appended) for answer in answers), answers
