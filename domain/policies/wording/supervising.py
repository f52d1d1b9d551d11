"""Supervision policies in sentences."""

from collections.abc import Iterator

from domain.policies.supervision import Ladder, Start, SupervisionPolicy, UnitColour
from domain.policies.wording.names import EVENT_NAMES, PERIOD_NAMES
from domain.policies.wording.scribe import Scribe, listed
from domain.policies.words import SPOKEN


def supervision_articles(policy: SupervisionPolicy, w: Scribe) -> Iterator[str]:
    for ladder in policy.ladders:
        yield from _ladder(ladder, w)
    yield _unit_colour(policy.unit_colour, w)


def _ladder(ladder: Ladder, w: Scribe) -> Iterator[str]:
    path = f"ladders.{ladder.id}"
    when = w.conditions(f"{path}.when", ladder.when)
    cases = (
        w.say(f"{when}的案卷", f"cases of which {when}") if when else w.say("所有案卷", "all cases")
    )
    escalate = w.choice(f"{path}.escalate", "escalate", ladder.escalate)
    steps = []
    for step in ladder.steps:
        place = f"{path}.steps.{step.colour}"
        limit = w.limit(f"{place}.limit", step.limit)
        authority = w.at(f"{place}.authority", step.authority, step.authority)
        text = w.say(
            f"{step.title.zh}（{colour(step.colour, w)}），由{authority}发出，送达后{limit}内答复",
            f"{step.title.en} ({colour(step.colour, w)}), issued by {authority}, to be answered "
            f"within {limit} of service",
        )
        steps.append(w.at(place, text, text))
    yield w.article(
        f"{path}.steps",
        w.say(
            f"{ladder.title.zh}〔{ladder.id}〕：适用于{cases}，一事一单，由轻到重为",
            f"{ladder.title.en} [{ladder.id}]: for {cases}, one slip for one matter, from the "
            "mildest to the gravest:",
        ),
        listed(w, steps),
        w.say(f"{escalate}。", f"{escalate[0].upper()}{escalate[1:]}."),
    )  # fmt: skip
    yield w.article(
        f"{path}.starts",
        w.say(
            f"〔{ladder.id}〕有下列情形之一的，提出督办单，数项同时符合的从重：",
            f"[{ladder.id}] A slip is proposed, the gravest of several that fit, when",
        ),
        listed(w, [_start(start, path, w) for start in ladder.starts]),
    )


def _start(start: Start, path: str, w: Scribe) -> str:
    on = w.either(w.named(EVENT_NAMES, event) for event in start.on)
    place = f"{path}.starts.{start.colour}"
    when = w.conditions(f"{place}.when", start.when)
    if_zh, if_en = (f"，{when}的", f" and {when}") if when else ("", "")
    basis = w.say(f"（{start.basis}）", f" ({start.basis})") if start.basis else ""
    reason = w.reason(start.reason)
    return w.at(
        place,
        f"{on}{if_zh}，自{colour(start.colour, w)}起，事由{reason}{basis}",
        f"{on}{if_en}: from {colour(start.colour, w)} on, with the reason {reason}{basis}",
    )


def _unit_colour(rule: UnitColour, w: Scribe) -> str:
    path = "unit_colour"
    otherwise = colour(rule.otherwise, w)
    otherwise = w.at(f"{path}.otherwise", otherwise, otherwise)
    rest = w.say(f"其余情形为{otherwise}。", f"Otherwise it is {otherwise}.")
    if rule.by == "points":
        bands = []
        for band in rule.bands:
            below, name = w.number(band.below), colour(band.colour, w)
            bands.append(
                w.at(f"{path}.bands.{band.colour}", f"低于{below}分为{name}",
                     f"below {below} it is {name}")
            )  # fmt: skip
        period = w.named(PERIOD_NAMES, rule.period) if rule.period else ""
        by = w.say(
            f"单位的颜色按考评榜〔{rule.board}〕本{period}得分确定：",
            f"A unit's colour follows its points on the board [{rule.board}] in the running "
            f"{period}:",
        ) + listed(w, bands)
    elif rule.by == "open_slips":
        by = w.say(
            "单位的颜色为其已发出、未解除的督办单中最重的颜色。",
            "A unit's colour is the gravest among its issued slips that are not lifted.",
        )
    else:
        by = w.say(
            "单位的颜色为最近一次检查的颜色。", "A unit's colour is that of its last inspection."
        )
    return w.article(path, w.at(f"{path}.by", by, by), rest)


def colour(name: str, w: Scribe) -> str:
    """The city's word for a colour, with its own name where it is not one of the usual ones."""
    return w.say(*SPOKEN[name]) if name in SPOKEN else w.quoted(name)
