"""What types cannot say about money, lists and accountability: what follows from rankings."""

from collections.abc import Iterator

from domain.policies.checks.asking import reason_findings
from domain.policies.consequences import AccountabilityRule, ListRule, MoneyRule
from domain.policies.drafts import Draft
from domain.policies.findings import CONTRADICTION, Finding, repeated, repeated_ids
from domain.policies.reading import Path

LISTED = ("place", "points", "period")
COUNTED = ("times", "unit")


def money_findings(draft: Draft) -> Iterator[Finding]:
    rules = draft.parts("rules", MoneyRule)
    yield from repeated_ids("rules", "rules", rules)
    yield from repeated(
        ((("rules", index), rule) for index, rule in rules),
        lambda rule: (rule.end, rule.place),
        lambda first, again: (
            f"rules '{first.id}' and '{again.id}' both rule on place {again.place} from the "
            f"{again.end}: keep one"
        ),
        CONTRADICTION,
    )
    ranked = draft.one("ranked_at_least")
    reach = {end: max((r.place for _, r in rules if r.end == end), default=0) for end in ENDS}
    least = reach["first"] + reach["last"]
    if ranked is not None and all(reach.values()) and ranked < least:
        yield Finding(
            ("ranked_at_least",),
            f"with {ranked} units ranked a unit may be among the first {reach['first']} and the "
            f"last {reach['last']} at once: write {least} or more",
            code=CONTRADICTION,
        )


ENDS = ("first", "last")


def listing_findings(draft: Draft) -> Iterator[Finding]:
    rules = draft.parts("lists", ListRule)
    yield from repeated_ids("lists", "lists", rules)
    for index, rule in rules:
        path: Path = ("lists", index)
        for at, take in enumerate(rule.take):
            if None not in (take.below, take.at_least) and take.below <= take.at_least:  # type: ignore[operator]
                sentence = "nobody has fewer points than 'below' and at least 'at_least'"
                yield Finding((*path, "take", at, "below"), f"{sentence}: put one of them right")
        yield from repeated(
            (((*path, "take", at), take) for at, take in enumerate(rule.take)),
            lambda take: take.model_dump_json(),
            lambda first, again: "the same units are taken twice: keep one",
        )
        yield from reason_findings(rule.reason, LISTED, (*path, "reason"))


def accountability_findings(draft: Draft) -> Iterator[Finding]:
    rules = draft.parts("rules", AccountabilityRule)
    yield from repeated_ids("rules", "rules", rules)
    for index, rule in rules:
        path: Path = ("rules", index)
        follows = rule.window.consecutive
        place = (*path, "window", "consecutive")
        if follows == "sequence" and rule.count.slip is None:
            yield Finding(
                place,
                "'sequence' is for slips only (no other slip of the unit in between): write "
                "calendar_period or ranked_period",
            )
        if follows == "ranked_period" and rule.count.list is None:
            yield Finding(
                place,
                "'ranked_period' is for lists only, which come from rankings: write "
                "calendar_period, or sequence for slips",
            )
        yield from reason_findings(rule.reason, COUNTED, (*path, "reason"))
    yield from repeated(
        ((("rules", index), rule) for index, rule in rules),
        lambda rule: (repr(rule.count), rule.times, repr(rule.window), rule.action, rule.organ),
        lambda first, again: (
            f"rules '{first.id}' and '{again.id}' propose the same for the same: keep one"
        ),
        CONTRADICTION,
    )
