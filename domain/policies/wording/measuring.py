"""Indicators and appeals in sentences."""

from collections.abc import Iterator

from domain.policies.measures import AppealPolicy, IndicatorPolicy, Rate, Target
from domain.policies.wording.names import APPEAL_NAMES, COUNT_NAMES
from domain.policies.wording.scribe import Scribe, listed


def indicator_articles(policy: IndicatorPolicy, w: Scribe) -> Iterator[str]:
    cohort = w.choice("cohort", "cohort", policy.cohort)
    yield w.say(f"各率以{cohort}为统计范围。", f"Rates are of the {cohort}.")
    if policy.components is not None:
        names = w.all_of(w.quoted(name) for name in policy.components)
        yield w.article(
            "components",
            w.say(
                f"类别以{names}开头的为部件，其余为事件。",
                f"Cases whose category begins with {names} are of things; all others are events.",
            ),
        )
    for rate in policy.rates:
        yield _rate(rate, w)
    for target in policy.targets:
        path = f"targets.{target.id}"
        yield w.article(
            path,
            w.say(
                f"{target.title.zh}〔{target.id}〕：按读数记录，单位为{target.unit_of_measure}。",
                f"{target.title.en} [{target.id}]: by recorded readings, in "
                f"{target.unit_of_measure}.",
            ),
            _wanted(target, path, w),
        )
    if policy.grades:
        grades = []
        for grade in policy.grades:
            least = w.number(grade.at_least)
            grades.append(
                w.at(f"grades.{grade.name}", f"{least}分以上（含）为{grade.name}",
                     f"{grade.name} from {least} on")
            )  # fmt: skip
        yield w.article("grades", w.say("等次：", "Grades:"), listed(w, grades))


def _rate(rate: Rate, w: Scribe) -> str:
    path = f"rates.{rate.id}"
    above = w.named(COUNT_NAMES, rate.numerator)
    above = w.at(f"{path}.numerator", above, above)
    if rate.minus is not None:
        minus = w.named(COUNT_NAMES, rate.minus)
        above = w.at(f"{path}.minus", f"（{above}－{minus}）", f"({above} − {minus})")
    below = w.named(COUNT_NAMES, rate.denominator)
    below = w.at(f"{path}.denominator", below, below)
    if rate.excluding:
        less = [w.named(COUNT_NAMES, count) for count in rate.excluding]
        zh, en = "－".join(less), " − ".join(less)
        below = w.at(f"{path}.excluding", f"（{below}－{zh}）", f"({below} − {en})")
    decimals = str(rate.rounding.decimals)
    mode = w.choice(f"{path}.rounding.mode", "mode", rate.rounding.mode)
    rounded = w.at(
        f"{path}.rounding", f"保留{decimals}位小数，{mode}", f"{decimals} decimals, {mode}"
    )
    return w.article(
        path,
        w.say(
            f"{rate.title.zh}〔{rate.id}〕＝{above}÷{below}×100%，{rounded}；分母为零的为不适用。",
            f"{rate.title.en} [{rate.id}] = {above} ÷ {below} × 100 %, {rounded}; not applicable "
            "when it would be divided by 0.",
        ),
        _wanted(rate, path, w),
        w.basis(rate.basis),
    )  # fmt: skip


def _wanted(target: Rate | Target, path: str, w: Scribe) -> str:
    parts = []
    if target.at_least is not None:
        least = w.number(target.at_least)
        parts.append(w.at(f"{path}.at_least", f"不低于{least}", f"at least {least}"))
    if target.at_most is not None:
        most = w.number(target.at_most)
        parts.append(w.at(f"{path}.at_most", f"不高于{most}", f"at most {most}"))
    told = w.say("、", " and ").join(parts)
    return w.say(f"目标：{told}。", f"Target: {told}.") if parts else ""


def appeal_articles(policy: AppealPolicy, w: Scribe) -> Iterator[str]:
    for rule in policy.rules:
        path = f"rules.{rule.against}"
        what = w.named(APPEAL_NAMES, rule.against)
        within = w.limit(f"{path}.within", rule.within)
        decided = w.limit(f"{path}.decide_within", rule.decide_within)
        authority = w.at(f"{path}.authority", rule.authority, rule.authority)
        yield w.article(
            path,
            w.say(
                f"对{what}不服的，可自知道之时起{within}内申诉一次，由{authority}在{decided}内复核决定。",
                f"Against {what} a unit may appeal once, within {within} of knowing of it; "
                f"{authority} decides within {decided}.",
            ),
            w.basis(rule.basis),
        )
    yield w.say(
        "参加过原结论的人不得复核。申诉成立的，自此改变统计，原始事实保留。",
        "Who took part in the conclusion does not review it. An upheld appeal changes the "
        "statistics from then on; the raw fact stays.",
    )
