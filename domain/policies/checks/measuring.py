"""What types cannot say about indicators and appeals."""

from collections.abc import Iterator
from itertools import pairwise

from domain.policies.checks.asking import limit_findings
from domain.policies.drafts import Draft
from domain.policies.findings import CONTRADICTION, Finding, repeated, repeated_ids
from domain.policies.measures import AppealRule, Grade, Rate, Target
from domain.policies.reading import Path


def indicator_findings(draft: Draft) -> Iterator[Finding]:
    rates, targets = draft.parts("rates", Rate), draft.parts("targets", Target)
    yield from repeated_ids("rates", "rates", rates)
    yield from repeated_ids("targets", "targets", targets)
    names = {rate.id for _, rate in rates}
    for index, target in targets:
        if target.id in names:
            sentence = f"a rate and a target have the id '{target.id}': rename one"
            yield Finding(("targets", index, "id"), sentence)
        yield from _target_findings(target, ("targets", index))
    for index, rate in rates:
        yield from _rate_findings(rate, ("rates", index))
        yield from _target_findings(rate, ("rates", index))
    yield from _grade_findings(draft.parts("grades", Grade))


def _rate_findings(rate: Rate, path: Path) -> Iterator[Finding]:
    if rate.numerator == rate.denominator and rate.minus is None and not rate.excluding:
        sentence = "is divided by itself and always gives 100 %: write another denominator"
        yield Finding((*path, "denominator"), f"'{rate.numerator}' {sentence}")
    if rate.minus == rate.numerator:
        sentence = f"'{rate.minus}' is taken from itself and always leaves 0: write another count"
        yield Finding((*path, "minus"), sentence)
    for at, count in enumerate(rate.excluding):
        if count == rate.denominator:
            sentence = f"without '{count}' the denominator '{rate.denominator}' is always 0"
            yield Finding((*path, "excluding", at), f"{sentence}: exclude another count")
    yield from repeated(
        (((*path, "excluding", at), count) for at, count in enumerate(rate.excluding)),
        lambda count: count,
        lambda first, again: f"'{again}' is excluded twice: keep one",
    )


def _target_findings(target: Rate | Target, path: Path) -> Iterator[Finding]:
    low, high = target.at_least, target.at_most
    if low is not None and high is not None and low > high:
        sentence = f"no number is at least {low} and at most {high}: put one of them right"
        yield Finding((*path, "at_most"), sentence)


def _grade_findings(grades: list[tuple[int, Grade]]) -> Iterator[Finding]:
    yield from repeated(
        ((("grades", index, "name"), grade) for index, grade in grades),
        lambda grade: grade.name,
        lambda first, again: f"two grades are called '{again.name}': rename one",
    )
    for (_, better), (index, grade) in pairwise(grades):
        if grade.at_least >= better.at_least:
            yield Finding(
                ("grades", index, "at_least"),
                f"grades fall, best first: {grade.at_least} does not lie below {better.at_least}",
            )


def appeal_findings(draft: Draft) -> Iterator[Finding]:
    rules = draft.parts("rules", AppealRule)
    yield from repeated(
        ((("rules", index, "against"), rule) for index, rule in rules),
        lambda rule: rule.against,
        lambda first, again: f"two rules are about appeals against '{again.against}': keep one",
        CONTRADICTION,
    )
    for index, rule in rules:
        yield from limit_findings(rule.within, ("rules", index, "within"))
        yield from limit_findings(rule.decide_within, ("rules", index, "decide_within"))
