"""``duban why``: why a score, colour, rank or proposal is what it is: sentence, clause, events."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from api.explain import sources_of
from infra.commands.moments import then_of
from infra.commands.opening import add_data_option, existing
from infra.commands.progress import answer
from infra.commands.reading import add_reader, record_reading
from infra.settings import Settings
from projections.why import HOW, THINGS, Explanation, Part, Said, why
from projections.why.spoken import moment as in_words
from projections.why.spoken import number, signed

EXAMPLES = (
    "duban why rank city-score:2026-03:street:lake",
    "duban why entry 1204.0                       # position of its event, number of the entry",
    "duban why slip A1.2 --lang en",
    "duban why case A1 --as-of 2026-03-05T12:00   # its deadline, as it was known then",
    "duban why indicator on-time:lake:2026-03 --json",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    keys = "; ".join(f"{thing}: {how}" for thing, how in HOW.items())
    parser.add_argument("thing", metavar="THING", help=f"one of {', '.join(THINGS)}")
    parser.add_argument("key", metavar="KEY", help=keys)
    parser.add_argument("--as-of", metavar="TIME", help="as it was known then (recorded time)")
    parser.add_argument("--lang", choices=("zh", "en"), help="left out: the city's language")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    add_reader(parser)
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    with existing(chosen, settings) as runtime:
        record_reading(runtime.services, chosen, "why", f"{chosen.thing}/{chosen.key}")
        city = runtime.services.city()
        as_of = then_of(runtime.store, city.zone, runtime.services.clock.now(), chosen.as_of).as_of
        found = why(sources_of(runtime.services), chosen.thing, chosen.key, as_of)
    if chosen.json:
        answer(json.dumps(asdict(found), ensure_ascii=False, default=str, indent=1))
        return 0
    zh = (chosen.lang or ("zh" if city.language.startswith("zh") else "en")) == "zh"
    for line in _lines(found, zh):
        answer(line)
    for event in found.events:
        at = in_words(event.occurred_at, city.zone)
        text = f"  {said}" if (said := _in(event.text, zh)) else ""
        answer(f"{event.position:>8}  {at}  {event.name:<26} {event.stream}  {event.actor}{text}")
    return 0


def _lines(found: Explanation, zh: bool) -> Iterator[str]:
    yield _in(found.title, zh)
    for index, sentence in enumerate(found.sentences, start=1):
        yield f"{index:>3}. {_in(sentence, zh)}"
    if found.parts:
        yield ""
        yield from _account(found.parts, zh)
        if found.amount is not None:
            yield f"{number(found.amount):>12}  {'合计' if zh else 'total'}"
    for clause in found.clauses:
        yield ""
        title = _in(clause.title, zh)
        yield f"§ {title} [{clause.clause or clause.policy_id}] {clause.basis}".rstrip()
        yield f"  {clause.document}, {clause.issued_by} ({clause.policy})"
    if found.events:
        yield ""


def _account(parts: Sequence[Part], zh: bool, depth: int = 0) -> Iterator[str]:
    for part in parts:
        amount = "" if part.amount is None else signed(part.amount)
        yield f"{amount:>12}  {'  ' * depth}{_in(part.said, zh)}"
        yield from _account(part.parts, zh, depth + 1)


def _in(said: Said, zh: bool) -> str:
    return said.zh if zh else said.en
