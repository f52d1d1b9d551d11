"""The ladders of slips in force, for whoever proposes a slip by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from api.pages.forms import Field
from api.pages.rendering import View
from domain.policies.supervision import Ladder, SupervisionPolicy


def ladders(view: View) -> Iterator[Ladder]:
    book = view.services.desk.standing.policies
    for policy in book.files(book.in_force(view.now)):
        if isinstance(policy, SupervisionPolicy):
            yield from policy.ladders


def with_ladders(view: View, field: Field) -> Field:
    """Ladders and colours are chosen from those in force; without any they are typed."""
    chinese, known = view.t.language == "zh", list(ladders(view))
    titles = {
        "ladder": [(each.id, each.title) for each in known],
        "colour": [(step.colour, step.title) for each in known for step in each.steps],
    }.get(field.name)
    if not titles:
        return field
    options = {code: title.zh if chinese else title.en for code, title in titles}
    return replace(field, widget="choice", options=tuple(options.items()))


def next_step(view: View, given: Mapping[str, str]) -> dict[str, str]:
    """What the ladder says of the next slip of the matter: of the first one its first step, later
    the one after the colour of the slip before."""
    ladder = next(ladders(view), None)
    matter, _, ordinal = given.get("slip_id", "").rpartition(".")
    if ladder is None or not ordinal.isdecimal():
        return {}
    before = view.services.desk.state(f"slip-{matter}.{int(ordinal) - 1}")[1]
    colours = [step.colour for step in ladder.steps]
    number = colours.index(before.colour) + 1 if before and before.colour in colours else 0
    step = ladder.steps[min(number, len(colours) - 1)]
    return {
        "ladder": ladder.id,
        "colour": step.colour,
        "limit.amount": f"{step.limit.amount:g}",
        "limit.clock": step.limit.clock,
        "authority": step.authority,
    }
