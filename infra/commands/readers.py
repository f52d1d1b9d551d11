"""``duban readers``: who opened, searched or exported what, when and why."""

import argparse
import json
from dataclasses import asdict, replace
from typing import get_args

from api.reads import ReadQuery, filter_of
from domain.access.events import Act, Channel
from infra.commands.opening import add_data_option, existing, moment
from infra.commands.progress import answer
from infra.commands.reading import add_reader, record_reading
from infra.settings import Settings
from projections.reads import ReadLine, readers, reads

EXAMPLES = (
    "duban readers                                # who read, and how much",
    "duban readers --kind cases --key A1          # everybody who looked at case A1",
    "duban readers --reader 张三 --from 2026-03-01 --json",
    "duban readers --searched 王小明              # who searched for that, found by its digest",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reader", default="", metavar="NAME")
    parser.add_argument("--kind", default="", help="cases, units, persons, rankings, tables, …")
    parser.add_argument("--key", default="", metavar="ID", help="of the one thing")
    parser.add_argument("--act", choices=get_args(Act), default="")
    parser.add_argument("--channel", choices=get_args(Channel), default="")
    parser.add_argument("--searched", default="", metavar="TEXT", help="the text of a search")
    parser.add_argument("--from", dest="start", metavar="TIME")
    parser.add_argument("--to", dest="end", metavar="TIME")
    parser.add_argument("--limit", type=int, default=1_000, metavar="N", help="default 1000")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each")
    add_reader(parser)
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    with existing(chosen, settings) as city:
        services = city.services
        zone = services.city().zone
        asked = ReadQuery(
            chosen.reader, chosen.act, chosen.channel, chosen.kind, chosen.key,
            searched=chosen.searched,
        )  # fmt: skip
        wanted = filter_of(services, asked)
        plain = wanted == replace(wanted, reader="", act="", channel="", kind="", key="", asked="")
        if chosen.start:
            wanted = replace(wanted, start=moment(chosen.start, zone))
        if chosen.end:
            wanted = replace(wanted, end=moment(chosen.end, zone))
        record_reading(services, chosen, "reads", act="list")
        if plain and not chosen.json:
            for each in readers(services.reader, wanted):
                last = each.last_at.astimezone(zone)
                answer(
                    f"{each.reads:>8}  {each.exports:>6} exports  "
                    f"{each.without_purpose:>6} without purpose  "
                    f"last {last:%Y-%m-%d %H:%M}  {each.reader}"
                )
            return 0
        for line in reads(services.reader, wanted, limit=chosen.limit):
            if chosen.json:
                answer(json.dumps(asdict(line), ensure_ascii=False, default=str))
            else:
                answer(f"{line.read_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {_said(line)}")
    return 0


def _said(line: ReadLine) -> str:
    what = " ".join(part for part in (line.kind, line.key, line.asked) if part)
    return f"{line.act:<6} {line.channel:<4} {what}  {line.reader}  {line.purpose}".rstrip()
