"""What types cannot say about supervision policies: ladders, their starts, and colours."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from domain.policies.checks.asking import limit_findings, reason_findings, when_findings
from domain.policies.conditions import may_both_hold
from domain.policies.drafts import Draft
from domain.policies.findings import CONTRADICTION, Finding, nearest, repeated, repeated_ids
from domain.policies.reading import Path
from domain.policies.supervision import Ladder, Start, UnitColour
from domain.policies.words import QUESTIONS

CASE = "case"
# Any event of a case: ladders ask what is known of a case at all times.
A_CASE = ("case.dispatched",)


def supervision_findings(draft: Draft) -> Iterator[Finding]:
    ladders = draft.parts("ladders", Ladder)
    sound = []
    for index, ladder in ladders:
        found = list(when_findings(ladder.when, A_CASE, ("ladders", index, "when")))
        sound += [] if found else [(index, ladder)]
        yield from found
        yield from _ladder_findings(ladder, ("ladders", index), not found)
    yield from repeated_ids("ladders", "ladders", ladders)
    for (_, one), (index, other) in combinations(sound, 2):
        if may_both_hold(one.when, other.when, CASE):
            sentence = f"ladders '{one.id}' and '{other.id}' {both_claim(one, other)}"
            yield Finding(("ladders", index), sentence, code=CONTRADICTION)
    colour = draft.one("unit_colour")
    if colour is not None:
        yield from _colour_findings(colour, ("unit_colour",))


def both_claim(one: Ladder, other: Ladder) -> str:
    """Why two ladders contradict each other, and how to keep them apart."""
    shared = [f"'{word}'" for word in one.when if word in other.when]
    if not one.when or not other.when:
        bare = one if not one.when else other
        how = f"say in 'when' which cases '{bare.id}' is for, and exclude these with 'not'"
    elif shared:
        how = f"let their {' or '.join(shared)} exclude each other"
    else:
        how = "let both ask for one same word, such as severity, with different answers"
    return f"may claim the same case, and one matter gets one slip: {how}"


def _ladder_findings(ladder: Ladder, path: Path, sound: bool) -> Iterator[Finding]:
    steps = [((*path, "steps", at, "colour"), step) for at, step in enumerate(ladder.steps)]
    yield from repeated(
        steps,
        lambda step: step.colour,
        lambda first, again: f"two steps have the colour '{again.colour}': rename one",
    )
    for at, step in enumerate(ladder.steps):
        yield from limit_findings(step.limit, (*path, "steps", at, "limit"))
    for at, start in enumerate(ladder.starts):
        yield from _start_findings(start, ladder, (*path, "starts", at), sound)
    yield from _repeated_starts(ladder.starts, path)


def _start_findings(start: Start, ladder: Ladder, path: Path, sound: bool) -> Iterator[Finding]:
    colours = [step.colour for step in ladder.steps]
    if start.colour not in colours:
        sentence = f"the ladder has no colour '{start.colour}': {nearest(start.colour, colours)}"
        yield Finding((*path, "colour"), sentence)
    found = list(when_findings(start.when, start.on, (*path, "when")))
    yield from found
    if sound and not found and not may_both_hold(start.when, ladder.when, CASE):
        yield Finding(
            (*path, "when"),
            f"it never starts: what it asks excludes the cases that ladder '{ladder.id}' is for",
        )
    asked = [word for word, question in QUESTIONS.items() if CASE in question.kinds]
    yield from reason_findings(start.reason, asked, (*path, "reason"))


def _repeated_starts(starts: Sequence[Start], path: Path) -> Iterator[Finding]:
    asked: dict[tuple[str, str], Start] = {}
    for at, start in enumerate(starts):
        when = repr(sorted((word, repr(condition)) for word, condition in start.when.items()))
        for event in start.on:
            other = asked.setdefault((event, when), start)
            if other is not start:
                yield Finding(
                    (*path, "starts", at),
                    f"two starts ask the same of {event} ('{other.colour}' and '{start.colour}'): "
                    "keep one, or tell them apart in 'when'",
                )
                break


def _colour_findings(colour: UnitColour, path: Path) -> Iterator[Finding]:
    given = {"board": colour.board, "period": colour.period, "bands": colour.bands or None}
    for word, value in given.items():
        if colour.by == "points" and value is None:
            yield Finding((*path, "by"), f"'by: points' needs '{word}': {_WANTED[word]}")
        if colour.by != "points" and value is not None:
            yield Finding(
                (*path, word), f"'{word}' is for 'by: points' only: leave it out", of_word=True
            )
    bands = list(enumerate(colour.bands))
    for (_, lower), (at, band) in pairwise(bands):
        if band.below <= lower.below:
            yield Finding(
                (*path, "bands", at, "below"),
                f"bands rise, gravest first: {band.below} does not lie above {lower.below}",
            )
    yield from repeated(
        (((*path, "bands", at, "colour"), band) for at, band in bands),
        lambda band: band.colour,
        lambda first, again: f"two bands have the colour '{again.colour}': keep one",
    )


_WANTED = {
    "board": "the id of the policy whose points count",
    "period": "week, month, quarter or year",
    "bands": "below how many points which colour, gravest first",
}
