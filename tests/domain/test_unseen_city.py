"""An invented city's rules, written from the vocabulary alone, load and act as their texts say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from domain.consequences.counts import Counted, proposals
from domain.consequences.places import listed, money_of
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.policies.contradictions import clashes
from domain.policies.header import PolicyFile
from domain.policies.loading import check, load
from domain.policies.model import ScoringPolicy
from domain.policies.scoring import Fact, score
from domain.rankings.composing import UnitTotal, compose
from domain.rankings.events import RankedUnit

# The city, its authorities and its document are invented; no city has issued these rules.
HEAD = """\
version: 1
city: Langwan (invented)
timezone: Asia/Shanghai
issued_by: 琅湾市城管委（虚构）
document: 琅城管〔2026〕7号（虚构）
source: 虚构城市，无原文
effective_from: 2026-01-01
"""

PATROL = """\
id: langwan-patrol
kind: scoring
title: {zh: 街道日常巡查（千分制）, en: "Daily patrol of the streets, 1,000 points"}
assumed: [rounding, ties, multipliers.came-back-again, clauses.found.points]
base: 1000
floor: 0
ceiling: 1000
rounding: {decimals: 1, mode: half_up}
ties: competition
eligibility: all
touched_by: [inspection.recorded, case.dispatched]
peer_groups: {by: all, kinds: [street]}
order: high_first
clauses:
  - id: found
    title: {zh: 巡查发现问题, en: Found on patrol}
    on: [case.dispatched, case.ruled]
    when: {source: patrol, changed_hands: true, category: {not: 物业管理}}
    points: -2.5
    to: lead_unit
    reason: {zh: "巡查发现{category}，计{points}分", en: "{category} on patrol: {points} points"}
    basis: 第五条
  - id: repeated
    title: {zh: 问题反复, en: The same problem again}
    on: case.reopened
    when: {source: patrol, category: {not: 物业管理}}
    points: -2.5
    to: lead_unit
    reason: {zh: "{category}反复，计{points}分", en: "{category} came back: {points} points"}
    basis: 第六条
  - id: still-there
    title: {zh: 整改不到位, en: Still there}
    on: case.rework_ordered
    when: {source: patrol, category: {not: 物业管理}}
    points: -1.5
    to: lead_unit
    reason: {zh: "第{reworks}次返工，计{points}分", en: "rework {reworks}: {points} points"}
multipliers:
  - {id: came-back-again, when: {source: patrol}, times: 2, clauses: repeated, basis: 第六条}
  - {id: again, when: {reworks: {at_least: 2}}, times: 2, clauses: still-there, basis: 第六条}
"""

CHECK = """\
id: langwan-check
kind: scoring
title: {zh: 街道每月检查（千分制）, en: "Monthly check of the streets, 1,000 points"}
assumed: [rounding, eligibility]
base: 0
floor: 0
ceiling: 1000
rounding: {decimals: 1, mode: half_up}
ties: competition
eligibility: touched
peer_groups: {by: all, kinds: [street]}
order: high_first
clauses:
  - id: sheet
    title: {zh: 检查得分, en: Points of the sheet}
    on: inspection.recorded
    when: {source: third_party}
    points: {read: score, times: 10}
    to: inspected_unit
    reason: {zh: "检查得{score}分，计{points}分", en: "{score} of 100: {points} points"}
    basis: 第七条
"""

MONTHLY = """\
id: langwan-monthly
kind: composite
title: {zh: 街道月度千分, en: "Streets, 1,000 points a month"}
assumed: [missing, components.patrol.weight, components.check.weight]
floor: 0
ceiling: 1000
rounding: {decimals: 1, mode: half_up}
ties: competition
eligibility: all
peer_groups: {by: all, kinds: [street]}
order: high_first
periods: month
missing: reweigh
components:
  - {id: patrol, title: {zh: 巡查, en: Patrol}, board: langwan-patrol, weight: 0.63, basis: 第四条}
  - id: check
    title: {zh: 月检, en: Monthly check}
    board: langwan-check
    each: day
    join: average
    weight: 0.27
  - id: satisfaction
    title: {zh: 群众满意度, en: Satisfaction}
    survey: satisfaction
    band: {full: 1000, from: 100, per_point: 10}
    weight: 0.1
"""

SLIPS = """\
id: langwan-slips
kind: supervision
title: {zh: 物业服务督办, en: Supervision of property companies}
assumed: [ladders.property.steps.yellow.limit, unit_colour.otherwise]
ladders:
  - id: property
    title: {zh: 物业黄色通报, en: Yellow slips of property companies}
    when: {category: 物业管理}
    escalate: never
    steps:
      - colour: yellow
        title: {zh: 黄色督办单, en: Yellow slip}
        limit: {amount: 3, clock: working_days}
        authority: 市物业办
    starts:
      - on: [case.overdue, case.rework_ordered]
        colour: yellow
        reason: {zh: 物业问题未整改, en: not rectified by the property company}
        basis: 第九条
unit_colour:
  by: points
  otherwise: green
  board: langwan-credit
  period: quarter
  bands: [{colour: red, below: 60}, {colour: yellow, below: 100}]
"""

CREDIT = """\
id: langwan-credit
kind: scoring
title: {zh: 物业企业信用分, en: Credit of property companies}
assumed: [clauses.yellow.points, clauses.interviewed.points]
base: 100
floor: 0
ceiling: 100
rounding: {decimals: 0, mode: half_up}
ties: competition
eligibility: all
peer_groups: {by: all, kinds: [company]}
order: high_first
clauses:
  - id: yellow
    title: {zh: 黄色督办, en: Yellow slip}
    on: slip.issued
    when: {colour: yellow}
    points: -5
    to: supervised_unit
    reason: {zh: "黄色督办，信用{points}分", en: "yellow slip: {points} credits"}
  - id: interviewed
    title: {zh: 约谈转红, en: Interviewed and red}
    on: accountability.decided
    when: {action: interview, decision: ordered}
    points: -30
    to: accountable_unit
    reason: {zh: "被约谈，信用{points}分", en: "interviewed: {points} credits"}
    basis: 第十条
"""

MONEY = """\
id: langwan-money
kind: money
title: {zh: 双周奖扣, en: Rewards and deductions of a fortnight}
assumed: [ranked_at_least]
board: langwan-patrol
period: fortnight
currency: CNY
ties: shared
ranked_at_least: 6
authority: 琅湾市人民政府
rules:
  - {id: one, title: {zh: 一, en: First}, from: first, place: 1, direction: reward, amount: 30000}
  - {id: two, title: {zh: 二, en: Second}, from: first, place: 2, direction: reward, amount: 20000}
  - {id: three, title: {zh: 三, en: Third}, from: first, place: 3, direction: reward, amount: 10000}
  - {id: last, title: {zh: 末, en: Last}, from: last, place: 1, direction: deduction, amount: 20000}
  - {id: next, title: {zh: 次, en: Next}, from: last, place: 2, direction: deduction, amount: 99.01}
"""

LISTS = """\
id: langwan-lists
kind: listing
title: {zh: 物业红黑榜, en: Red and black lists of property companies}
assumed: [valid_days]
board: langwan-credit
period: quarter
ties: all
valid_days: 92
authority: 市物业办
lists:
  - id: property-red
    title: {zh: 红榜, en: Red list}
    list: red
    take: [{from: first, number: 1000, at_least: 90}]
    reason: {zh: "{period}信用{points}分", en: "{points} credits in {period}"}
  - id: property-black
    title: {zh: 黑榜, en: Black list}
    list: black
    take: [{from: last, number: 1000, below: 60}]
    reason: {zh: "{period}信用{points}分", en: "{points} credits in {period}"}
    basis: 第十二条
"""

ACCOUNTABILITY = """\
id: langwan-accountability
kind: accountability
title: {zh: 物业问责, en: Accountability of property companies}
assumed: [rules.three-yellow.after]
rules:
  - id: three-yellow
    title: {zh: 连续三次黄色督办, en: Three yellow slips in a row}
    count: {slip: yellow}
    times: 3
    window: {within: consecutive, consecutive: sequence}
    after: begin_anew
    action: interview
    organ: 市物业办
    authority: 市城管委
    reason: {zh: "{unit}连续{times}次黄色督办", en: "{unit}: {times} yellow slips in a row"}
    basis: 第十条
  - id: twice-black
    title: {zh: 一年内两次黑榜, en: Twice black within 365 days}
    count: {list: property-black}
    times: 2
    window: {within: rolling, days: 365}
    after: go_on
    action: referral
    organ: 市纪委监委
    authority: 琅湾市人民政府
    reason: {zh: "{unit}第{times}次上黑榜", en: "{unit} is black for the {times}. time"}
"""

INDICATORS = """\
id: langwan-indicators
kind: indicators
title: {zh: 考核指标, en: Indicators}
assumed: [cohort]
cohort: due
rates:
  - id: fixed-first-time
    title: {zh: 一次整改率, en: Put right at once}
    numerator: handled
    minus: reworked_cases
    denominator: due_to_handle
    excluding: [suspended]
    rounding: {decimals: 1, mode: half_up}
    at_least: 92
  - id: came-back
    title: {zh: 反复率, en: Came back}
    numerator: reopened
    denominator: closed
    rounding: {decimals: 1, mode: half_up}
    at_most: 3
targets:
  - {id: satisfaction, title: {zh: 满意度, en: Satisfaction}, unit_of_measure: "%", at_least: 88}
  - {id: beach-litter, title: {zh: 岸滩垃圾, en: Litter}, unit_of_measure: 件/km, at_most: 4}
grades:
  - {name: 优秀, at_least: 95}
  - {name: 良好, at_least: 85}
  - {name: 达标, at_least: 70}
components: ["02"]
"""

APPEALS = """\
id: langwan-appeals
kind: appeals
title: {zh: 申诉, en: Appeals}
assumed: [rules.score_entry.decide_within]
rules:
""" + "".join(
    f"  - against: {what}\n    within: {{amount: 5, clock: working_days}}\n"
    "    decide_within: {amount: 5, clock: working_days}\n    authority: 市城管委\n"
    for what in ("score_entry", "timeout", "list_entry", "money")
)

TEXTS = [
    HEAD + each
    for each in (
        PATROL, CHECK, MONTHLY, SLIPS, CREDIT, MONEY, LISTS, ACCOUNTABILITY, INDICATORS, APPEALS,
    )
]  # fmt: skip
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, tzinfo=UTC)
P = TypeVar("P", bound=PolicyFile)


def the(kind: type[P], body: str) -> P:
    found = load(HEAD + body)
    assert isinstance(found, kind)
    return found


def given(body: str, event: str, **told: Any) -> list[tuple[str, Decimal]]:
    """The clauses that speak of an event of the unit ``u``, with their points."""
    entries = score(the(ScoringPolicy, body), Fact(event=event, unit="u", **told))
    return [(entry.clause, entry.points) for entry in entries]


def ranked(body: str, **points: str) -> tuple[RankedUnit, ...]:
    totals = [UnitTotal(unit, Decimal(each), 1) for unit, each in points.items()]
    return compose(the(ScoringPolicy, body), totals, dict.fromkeys(points, ""))[""]


def counted(rule: str, kind: str, names: list[str], days: list[int]) -> list[tuple[str, int]]:
    """The actions proposed for one company, each with the day on which it is."""
    things = [
        Counted(START + timedelta(days=day), "u", kind, name, position=day + 1)
        for name, day in zip(names, days, strict=True)
    ]
    rules = {each.id: each for each in the(AccountabilityPolicy, ACCOUNTABILITY).rules}
    found = proposals(rules[rule], things, lambda _board, _unit: (), ZONE)
    return [(each.rule.action, (each.at - START).days) for each in found]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: load(text).id)
def test_each_text_is_in_order(text: str) -> None:
    assert check(text) == []


def test_the_texts_may_be_in_force_together() -> None:
    city = [load(text) for text in TEXTS]
    assert [list(clashes(policy, city)) for policy in city] == [[]] * len(TEXTS)


def test_a_problem_that_comes_back_costs_double() -> None:
    patrol = {"source": "patrol", "category": "占道经营"}
    assert given(PATROL, "case.dispatched", **patrol) == [("found", Decimal("-2.5"))]
    assert given(PATROL, "case.reopened", **patrol) == [("repeated", Decimal(-5))]
    assert given(PATROL, "case.rework_ordered", reworks=1, **patrol) == [
        ("still-there", Decimal("-1.5"))
    ]
    assert given(PATROL, "case.rework_ordered", reworks=2, **patrol) == [
        ("still-there", Decimal(-3))
    ]


def test_the_sheet_of_the_monthly_check_becomes_a_thousand_points() -> None:
    sheet = {"source": "third_party", "result": "scored", "score": Decimal("91.5")}
    assert given(CHECK, "inspection.recorded", **sheet) == [("sheet", Decimal(915))]


def test_tied_streets_share_the_money_of_the_places_they_fill() -> None:
    rows = ranked(PATROL, a="0", b="-5", c="-5", d="-10", e="-20", f="-20")
    sums = {each.unit: each.amount for each in money_of(the(MoneyPolicy, MONEY), rows)}
    assert sums == {
        "a": Decimal(30000), "b": Decimal(15000), "c": Decimal(15000),
        "e": Decimal("-10049.51"), "f": Decimal("-10049.51"),
    }  # fmt: skip


def test_companies_of_ninety_are_red_listed_and_those_below_sixty_black() -> None:
    rows = ranked(CREDIT, a="0", b="-10", c="-11", d="-40", e="-41")
    policy = the(ListingPolicy, LISTS)
    red, black = (list(listed(policy, rule, "", rows)) for rule in policy.lists)
    assert (red, black) == (["a", "b"], ["e"])


def test_three_yellow_slips_in_a_row_lead_to_an_interview_and_the_interview_to_red() -> None:
    yellow = ["yellow"] * 3
    assert counted("three-yellow", "slip", yellow, [1, 5, 9]) == [("interview", 9)]
    broken = ["yellow", "yellow", "red", "yellow"]
    assert counted("three-yellow", "slip", broken, [1, 5, 9, 12]) == []
    ordered = {"action": "interview", "decision": "ordered"}
    points = given(CREDIT, "slip.issued", colour="yellow") * 3
    points += given(CREDIT, "accountability.decided", **ordered)
    lost = sum(each for _, each in points)
    assert ranked(CREDIT, u=str(lost))[0].points == Decimal(55)


def test_two_black_entries_within_365_days_lead_to_a_referral() -> None:
    black = ["property-black"] * 2
    assert counted("twice-black", "list", black, [0, 364]) == [("referral", 364)]
    assert counted("twice-black", "list", black, [0, 366]) == []
