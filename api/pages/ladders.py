"""The ladders of slips in force, for whoever proposes a slip by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from api.pages.forms import Field
from api.pages.happenings import page_of
from api.pages.rendering import View
from domain.policies.supervision import Ladder, SupervisionPolicy
from domain.supervision.state import OVER
from projections import instruments
from projections.instruments import Wanted


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


def way(view: View, case_id: str, unit: str, back: str = "") -> tuple[str, str]:
    """To the slip about a case that is on its way, else to the form for the next one; with what it
    is called. Nothing without a unit."""
    if not unit:
        return "", ""
    known = instruments.page(view.services.reader, instruments.SLIPS, Wanted(about=case_id))
    for row in known:
        if row.status not in OVER:
            return page_of(
                "slip", row.slip_id
            ), f"{view.t('one.slips')} {row.number or row.slip_id}"
    asked = {"slip_id": f"{case_id}.{len(known) + 1}", "unit": unit, "case_id": case_id}
    asked |= {"_back": back} if back else {}
    return f"/do/slips?{urlencode(asked)}", view.t("do.slip.propose")
