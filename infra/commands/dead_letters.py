"""``duban dead-letters``: what could not be taken into the tables, why, and what becomes of it."""

import argparse
import getpass
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from domain.errors import Invalid, NotFound
from infra.clickhouse.letters import ClickHouseLetters
from infra.clocks import SystemClock
from infra.commands.choosing import add_data_option, chosen_settings
from infra.commands.opening import existing
from infra.commands.progress import answer, say
from infra.parked import letters_of
from infra.settings import Mode, Settings
from streams.dead_letters import Letter, Source

EXAMPLES = (
    "duban dead-letters list                          # the first of each stream, with the reason",
    "duban dead-letters show duban.events.v1/3/1024   # the whole message",
    "duban dead-letters replay case-A17               # the stream again, once mended",
    "duban dead-letters replay --all",
    "duban dead-letters discard duban.events.v1/3/1024 --reason 'a stranger wrote to the topic'",
)
WAIT_SECONDS = 20.0
LISTED = 1_000


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="parked events, and how many are held behind them")
    listing.add_argument("--held", action="store_true", help="also those held behind them")
    show = actions.add_parser("show", help="one message whole")
    show.add_argument("place", metavar="TOPIC/PARTITION/OFFSET")
    replay = actions.add_parser("replay", help="try a stream again, in order")
    replay.add_argument("stream", nargs="?", default="", metavar="STREAM")
    replay.add_argument("--all", action="store_true", help="everything that is parked")
    discard = actions.add_parser("discard", help="leave one event out for ever; this is recorded")
    discard.add_argument("place", metavar="TOPIC/PARTITION/OFFSET")
    discard.add_argument("--reason", required=True, help="why it may be left out")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    return ACTIONS[chosen.action](chosen, chosen_settings(chosen, settings))


def list_parked(chosen: argparse.Namespace, settings: Settings) -> int:
    with letters_of(settings) as box:
        letters = box.open()
    held = Counter((each.source, each.stream_id) for each in letters if each.state == "held")
    told = [each for each in letters if chosen.held or each.state == "parked"]
    for letter in told[:LISTED]:
        behind = held[letter.source, letter.stream_id] if letter.state == "parked" else 0
        answer(
            f"{letter.place}  {letter.stream_id or '(no stream)'} {letter.version or ''}  "
            f"{letter.reason or 'held back'}{f'; {behind} held behind it' if behind else ''}"
            f"{f'  ({letter.wanted} asked for)' if letter.wanted else ''}"
        )
    say(f"{len(letters) - held.total()} parked, {held.total()} held behind them")
    return 0


def show(chosen: argparse.Namespace, settings: Settings) -> int:
    with letters_of(settings) as box:
        letter = _at(box, chosen.place)
    told = {
        "place": letter.place, "state": letter.state, "reason": letter.reason,
        "asked for": letter.wanted, "note": letter.note, "stream": letter.stream_id,
        "version": letter.version, "position": letter.position, "parked at": letter.parked_at,
    }  # fmt: skip
    for name, value in told.items():
        if value:
            answer(f"{name:<10} {value}")
    for header, held in letter.headers:
        answer(f"{header:<16} {_text(held)}")
    answer(f"key   {_text(letter.key)}\nvalue {_text(letter.value)}")
    return 0


def replay(chosen: argparse.Namespace, settings: Settings) -> int:
    if bool(chosen.stream) == chosen.all:
        raise Invalid("letters.which", "name a stream, or say --all")
    with _with_somebody_to_do_it(chosen, settings) as box:
        letters = box.open(chosen.stream)
        if not letters and not chosen.all:
            raise NotFound("letters.none", f"nothing of {chosen.stream} is parked")
        note = f"replay asked for by {getpass.getuser()} at {SystemClock().now():%Y-%m-%d %H:%M}"
        box.put([letter.want("replay", note) for letter in letters])
        return _outcome(box, letters)


def discard(chosen: argparse.Namespace, settings: Settings) -> int:
    if not chosen.reason.strip():
        raise Invalid("letters.reason", "say why it may be left out")
    with _with_somebody_to_do_it(chosen, settings) as box:
        letter = _at(box, chosen.place)
        if letter.state not in ("parked", "held"):
            raise Invalid("letters.settled", f"{letter.place} is {letter.state} already")
        note = f"discarded by {getpass.getuser()} at {SystemClock().now():%Y-%m-%d %H:%M}"
        box.put([letter.want("discard", f"{note}: {chosen.reason.strip()}")])
        return _outcome(box, [letter])


def _outcome(box: ClickHouseLetters, asked: Sequence[Letter]) -> int:
    """Waits a while for whoever takes in the sources of these letters; 1: some are still open."""
    places = [(each.source, each.offset) for each in asked]
    ends = time.monotonic() + WAIT_SECONDS
    while True:
        now = [found for place in places if (found := box.at(*place)) is not None]
        waiting = [each for each in now if each.wanted]
        if not waiting or time.monotonic() > ends:
            break
        time.sleep(0.3)
    for letter in now[:LISTED]:
        reason = f": {letter.reason}" if letter.state == "parked" and not letter.wanted else ""
        answer(f"{letter.place}  {letter.stream_id}  {letter.wanted or letter.state}{reason}")
    if waiting:
        say(f"{len(waiting)} are marked and not done yet: does duban sink run?")
    return 1 if any(each.state in ("parked", "held") for each in now) else 0


def _at(box: ClickHouseLetters, place: str) -> Letter:
    """Raises ``NotFound`` (``letters.none``)."""
    topic, _, rest = place.rpartition("/")[0].rpartition("/")
    offset = place.rpartition("/")[2]
    found = (
        box.at(Source(topic, int(rest)), int(offset))
        if topic and rest.isdecimal() and offset.isdecimal()
        else None
    )
    if found is None:
        raise NotFound("letters.none", f"nothing is parked at {place!r}: see dead-letters list")
    return found


def _text(value: bytes | None) -> str:
    return "(none)" if value is None else value.decode(errors="backslashreplace")


@contextmanager
def _by_this_process(chosen: argparse.Namespace, settings: Settings) -> Iterator[ClickHouseLetters]:
    with existing(chosen, settings) as runtime:
        yield ClickHouseLetters(runtime.engine, SystemClock())


@contextmanager
def _by_sinks(chosen: argparse.Namespace, settings: Settings) -> Iterator[ClickHouseLetters]:
    with letters_of(settings) as box:
        yield box


def _with_somebody_to_do_it(
    chosen: argparse.Namespace, settings: Settings
) -> AbstractContextManager[ClickHouseLetters]:
    return DOERS[settings.mode](chosen, settings)


Action = Callable[[argparse.Namespace, Settings], int]
ACTIONS: Mapping[str, Action] = {
    "list": list_parked, "show": show, "replay": replay, "discard": discard,
}  # fmt: skip
Doing = Callable[[argparse.Namespace, Settings], AbstractContextManager[ClickHouseLetters]]
DOERS: Mapping[Mode, Doing] = {
    "embedded": _by_this_process, "server": _by_sinks,
}  # fmt: skip
