"""``duban evidence``: send files in for a case, list them, check them, get them back."""

import argparse
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from api.attaching import Upload, Wish, attach
from api.dependencies import Asking
from domain.errors import Conflict, NotFound
from domain.evidence.kinds import of_copy, suffix_of
from infra.commands.opening import add_data_option, existing, moment
from infra.commands.progress import answer, progress_bar, say
from infra.commands.reading import add_reader, record_reading
from infra.evidence.checking import check
from infra.runtime import Runtime
from infra.settings import Settings
from projections.evidence import listing, referred

EXAMPLES = (
    "duban evidence add A1 before.jpg after.jpg --caption 整改前后 --actor 李督查",
    "duban evidence list A1",
    "duban evidence get 3b1f… -o photo.jpg          # the file as it came in",
    "duban evidence get 3b1f… --copy                # without what the camera wrote",
    "duban evidence check                           # every file against its events",
)
PAGE = 500
SHORTEST = 8


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="send files in for a case")
    add.add_argument("case_id", metavar="CASE")
    add.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add.add_argument("--caption", default="", help="what they show")
    add.add_argument("--person", default="", metavar="PSEUDONYM", help="whom they show: sealed")
    add.add_argument("--actor", required=True, help="who sends them in")
    add.add_argument("--at", metavar="TIME", help="when it was handed over (default now)")
    listed = actions.add_parser("list", help="evidence of a case, or of all")
    listed.add_argument("case_id", metavar="CASE", nargs="?", default="")
    get = actions.add_parser("get", help="a file, held against its digest")
    get.add_argument("digest", help=f"its SHA-256, or at least the first {SHORTEST} digits")
    which = get.add_mutually_exclusive_group()
    which.add_argument("--copy", action="store_true", help="the copy without metadata")
    which.add_argument("--thumbnail", action="store_true", help="the small picture")
    get.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to (default: here)")
    checked = actions.add_parser("check", help="hash all files and hold them against their events")
    for action in (listed, get):
        add_reader(action)
    for action in (add, listed, get, checked):
        add_data_option(action)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    with existing(chosen, settings) as city:
        match chosen.action:
            case "add":
                return _add(chosen, city)
            case "list":
                record_reading(city.services, chosen, "evidence", chosen.case_id, act="list")
                return _list(chosen, city)
            case "get":
                record_reading(city.services, chosen, "evidence", chosen.digest)
                return _get(chosen, city)
        return _check(city)


def _add(chosen: argparse.Namespace, city: Runtime) -> int:
    zone = city.services.city().zone
    at = moment(chosen.at, zone) if chosen.at else None
    wish = Wish(chosen.case_id, chosen.caption, chosen.person, at)
    asking = Asking(chosen.actor, f"evidence:{city.services.new_id()}", None)
    with ExitStack() as opened:
        uploads = [Upload(opened.enter_context(_open(path)), path.name) for path in chosen.files]
        attached = attach(city.services, wish, uploads, asking)
    for piece in attached.pieces:
        answer(f"{piece.digest}  {piece.media_type}  {piece.size:,} bytes")
    if not attached.done.events:
        say(f"nothing to do: case {chosen.case_id} has all of it already")
    return 0


def _list(chosen: argparse.Namespace, city: Runtime) -> int:
    reader, zone, after, count = city.services.reader, city.services.city().zone, 0, 0
    while rows := listing(reader, chosen.case_id, after, PAGE):
        for row in rows:
            when: datetime = row["attached_at"].replace(tzinfo=UTC).astimezone(zone)
            marks = [m for m in ("withdrawn", "corrected") if row[m]]
            marks += ["sealed"] if row["person"] else []
            answer(
                f"{row['position']:>8}  {row['case_id']}  {row['digest']}  {row['media_type']}  "
                f"{row['size']:,}  {when:%Y-%m-%d %H:%M}  {row['attached_by']}"
                f"{'  (' + ', '.join(marks) + ')' if marks else ''}  {row['caption']}"
            )
        after, count = rows[-1]["position"], count + len(rows)
    say(f"{count:,} pieces of evidence")
    return 0


def _get(chosen: argparse.Namespace, city: Runtime) -> int:
    found = referred(city.services.reader, _whole(chosen.digest, city))
    digest, media_type, what = found.digest, found.media_type, ""
    if chosen.copy:
        digest, media_type, what = found.copy, of_copy(found.media_type), "-copy"
    elif chosen.thumbnail:
        digest, media_type, what = found.thumbnail, "image/jpeg", "-thumbnail"
    if not digest:
        raise NotFound(f"evidence.no{what.replace('-', '_')}", f"there is no {what[1:]} of it")
    data = city.services.evidence.read(digest)
    target = chosen.output or Path(f"evidence-{found.digest[:12]}{what}.{suffix_of(media_type)}")
    if str(target) == "-":
        sys.stdout.buffer.write(data)
        return 0
    try:
        with target.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise Conflict("file.exists", f"{target} is there already: name another with -o") from None
    except OSError as error:
        raise NotFound("file.unwritable", f"{target}: {error.strerror}") from error
    answer(f"{target}  {media_type}  {len(data):,} bytes  case {found.case_id}")
    return 0


def _check(city: Runtime) -> int:
    with progress_bar("evidence hashed") as report:
        found = check(city.services.reader, city.services.evidence, report)
    answer(found.line())
    for digest in found.orphans:
        answer(f"no event refers to {digest}")
    for sentence in found.wrong:
        answer(f"WRONG: {sentence}")
    return 1 if found.wrong else 0


def _whole(begun: str, city: Runtime) -> str:
    """The digest that begins so, if one alone does."""
    if len(begun) < SHORTEST or set(begun) - set("0123456789abcdef"):
        raise NotFound(
            "evidence.unknown", f"{begun!r} is no digest: duban evidence list shows them"
        )
    rows = city.services.reader.rows("evidence.begun", {"begun": begun})
    if len(rows) > 1:
        raise NotFound("evidence.unknown", f"several files begin with {begun}: write more of it")
    return str(rows[0]["digest"]) if rows else begun


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise NotFound("file.unreadable", f"{path} cannot be read: {error.strerror}") from error
