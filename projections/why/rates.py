"""Why a rate of a unit is what it is: what was counted, divided by what, and what was left out."""

from collections.abc import Mapping
from datetime import datetime

from domain.errors import Invalid, NotFound
from domain.indicators.rates import RateResult, rate_of, rates_by_id
from domain.periods import Period
from domain.policies.clauses import clause_in
from domain.policies.measures import COUNTS, Count, IndicatorPolicy, Rate
from projections.indicators import Pick, drill, unit_counts, units_under
from projections.sums import AN_INSTANT
from projections.why.answers import Explanation, Link, Part, Said, Sources, once
from projections.why.citing import assumed, clause_of, name_of, of_clause
from projections.why.spoken import COUNTED, number

HOW = "write the rate, the unit and the period, such as on-time:lake:2026-03"
MOST_CASES = 200


def explain(sources: Sources, key: str, as_of: datetime | None) -> Explanation:
    rate_id, unit, period = _asked(key)
    policy = _policy(sources, rate_id, period)
    rate = rates_by_id(policy)[rate_id]
    counted = unit_counts(sources.reader, policy, period, sources.now, as_of, sources.read)
    if unit not in counted and not sources.store.load(f"unit-{unit}"):
        raise NotFound("indicator.unknown", f"there is no unit {unit!r}: {HOW}")
    counts = counted[unit].counts if unit in counted else dict.fromkeys(COUNTS, 0)
    result = rate_of(policy, rate_id, counts)
    found = clause_in(policy, rate_id)
    clauses = [] if found is None else [clause_of(policy, found)]
    name = name_of(sources.reader, unit)
    value = "N/A" if result.value is None else f"{number(result.value)} %"
    return Explanation(
        thing="indicator",
        key=key,
        title=Said(
            f"{name} {period.label('zh')}{rate.title.zh}：{_zh(value)}",
            f"{name}, {period.label('en')}: {rate.title.en} {value}",
        ),
        sentences=(
            _formula(rate),
            _divided(rate, result),
            _cohort(policy),
            *_target(rate, result),
            *map(of_clause, clauses),
            *assumed(clauses),
        ),
        clauses=tuple(clauses),
        parts=tuple(_lines(sources, policy, rate, unit, period, counts, as_of)),
        links=once([Link("unit", unit, name)]),
    )


def _asked(key: str) -> tuple[str, str, Period]:
    rate, _, later = key.partition(":")
    unit, _, period = later.rpartition(":")
    try:
        return rate, unit, Period.parse(period)
    except Invalid:
        raise NotFound("indicator.unknown", f"there is no rate {key[:100]!r}: {HOW}") from None


def _policy(sources: Sources, rate: str, period: Period) -> IndicatorPolicy:
    """The one in force at the last moment of the period, or now while it runs."""
    last = period.bounds(sources.calendars.zone)[1] - AN_INSTANT
    for policy in sources.book.files(sources.book.in_force(min(last, sources.now))):
        if isinstance(policy, IndicatorPolicy) and rate in rates_by_id(policy):
            return policy
    raise NotFound(
        "indicator.unknown", f"no policy in force in {period} has a rate {rate[:60]!r}: {HOW}"
    )


def _zh(value: str) -> str:
    return "不适用" if value == "N/A" else value


def _named(count: Count) -> Said:
    said = COUNTED[count]
    return Said(f"{said.zh}（{count}）", f"{said.en} ({count})")


def _formula(rate: Rate) -> Said:
    top, bottom = _named(rate.numerator), _named(rate.denominator)
    zh, en = top.zh, top.en
    if rate.minus:
        less = _named(rate.minus)
        zh, en = f"（{zh} − {less.zh}）", f"({en} − {less.en})"
    below_zh, below_en = bottom.zh, bottom.en
    for count in rate.excluding:
        less = _named(count)
        below_zh, below_en = f"{below_zh} − {less.zh}", f"{below_en} − {less.en}"
    if rate.excluding:
        below_zh, below_en = f"（{below_zh}）", f"({below_en})"
    return Said(
        f"公式：{zh} ÷ {below_zh}，以百分比表示。", f"The formula: {en} ÷ {below_en}, in percent."
    )


def _divided(rate: Rate, result: RateResult) -> Said:
    if result.value is None:
        return Said(
            "分母为 0，因此不适用：既不算 0，也不算 100。",
            "The denominator is 0, so the rate is not applicable: neither 0 nor 100.",
        )
    decimals = rate.rounding.decimals
    even = rate.rounding.mode == "half_even"
    return Said(
        f"{result.numerator} ÷ {result.denominator} = {number(result.value)} %"
        f"（保留 {decimals} 位小数，{'四舍六入五成双' if even else '四舍五入'}）。",
        f"{result.numerator} ÷ {result.denominator} = {number(result.value)} % (rounded to "
        f"{decimals} decimals, {'half to even' if even else 'half up'}).",
    )


def _cohort(policy: IndicatorPolicy) -> Said:
    words = {
        "reported": Said("上报", "reported"),
        "filed": Said("立案", "filed"),
        "dispatched": Said("派遣给现承办单位", "given to their present unit"),
        "due": Said("到期", "due"),
    }
    said = words[policy.cohort]
    return Said(
        f"统计对象：本期内{said.zh}的案卷，包括下级单位的；公式版本 {policy.ref}。",
        f"Counted are the cases {said.en} in the period, those of all units under it included; "
        f"version of the formula: {policy.ref}.",
    )


def _target(rate: Rate, result: RateResult) -> list[Said]:
    bounds = []
    if rate.at_least is not None:
        bounds.append((f"不低于 {number(rate.at_least)} %", f"at least {number(rate.at_least)} %"))
    if rate.at_most is not None:
        bounds.append((f"不高于 {number(rate.at_most)} %", f"at most {number(rate.at_most)} %"))
    if not bounds:
        return []
    met = {
        True: ("达到", "met"),
        False: ("未达到", "missed"),
        None: ("无从判断", "nothing to judge"),
    }
    zh, en = met[result.met]
    return [
        Said(
            f"目标：{'，'.join(zh for zh, _ in bounds)}：{zh}。",
            f"The target is {', '.join(en for _, en in bounds)}: {en}.",
        )
    ]


def _lines(
    sources: Sources,
    policy: IndicatorPolicy,
    rate: Rate,
    unit: str,
    period: Period,
    counts: Mapping[Count, int],
    as_of: datetime | None,
) -> list[Part]:
    """Each count of the formula; of the first the cases behind it, as they stand now."""
    names: list[Count] = [rate.numerator, rate.denominator, *rate.excluding]
    if rate.minus:
        names.insert(1, rate.minus)
    lines = []
    for count in dict.fromkeys(names):
        said, cases = _named(count), []
        if as_of is None and counts[count]:
            pick = Pick(units=units_under(sources.reader, unit) or (unit,))
            behind = drill(
                sources.reader, policy, period, sources.now, count, pick, limit=MOST_CASES
            )
            cases = [
                Part(Said(f"案卷 {case}", f"case {case}"), link=Link("case", case))
                for case, _ in behind
            ]
        lines.append(
            Part(
                Said(f"{said.zh}：{counts[count]}", f"{said.en}: {counts[count]}"),
                parts=tuple(cases),
            )
        )
    return lines
