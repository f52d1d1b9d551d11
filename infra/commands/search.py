"""``duban search``: whatever has these words: cases, units, slips, people who did something."""

import argparse
import json
from dataclasses import asdict
from typing import get_args

from domain.moments import FIRST_MOMENT, LAST_MOMENT
from infra.commands.opening import add_data_option, existing, moment
from infra.commands.progress import answer, say
from infra.commands.reading import add_reader, record_search
from infra.settings import Settings
from projections.search import Kind, Wanted, needles_in, search

EXAMPLES = (
    "duban search 井盖 湖滨                       # all words must be found",
    "duban search 督2026-0117",
    "duban search 缺失井盖 --kind case --from 2026-03-01 --json",
    "duban persons find --purpose 'a request' < number.txt   # by an identity number",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="WORD")
    parser.add_argument(
        "--kind", action="append", choices=get_args(Kind), help="only this; may be repeated"
    )
    parser.add_argument("--from", dest="start", metavar="TIME", help="happened then or later")
    parser.add_argument("--to", dest="end", metavar="TIME", help="happened before")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="default 50")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each")
    add_reader(parser)
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """1 when nothing has them."""
    text = " ".join(chosen.words)
    needles_in(text)
    with existing(chosen, settings) as city:
        services, zone = city.services, city.services.city().zone
        record_search(services, chosen, text)
        city.catch_up()
        wanted = Wanted(
            text, tuple(chosen.kind or ()),
            moment(chosen.start, zone) if chosen.start else FIRST_MOMENT,
            moment(chosen.end, zone) if chosen.end else LAST_MOMENT,
        )  # fmt: skip
        found = search(services.reader, wanted, limit=chosen.limit)
        for hit in found.hits:
            if chosen.json:
                answer(json.dumps(asdict(hit), ensure_ascii=False, default=str))
            else:
                words = " ".join(hit.words.split("\n")[1:])[:80]
                at = hit.at.astimezone(zone)
                answer(f"{hit.kind:<14} {hit.key}  {at:%Y-%m-%d %H:%M}  {hit.unit_name}  {words}")
    if found.more:
        say(f"duban: only the first {chosen.limit} are shown; --limit shows more")
    if not found.hits:
        say("duban: nothing has these words")
    return 0 if found.hits else 1
