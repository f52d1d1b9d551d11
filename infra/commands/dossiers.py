"""The dossier of a unit or a person on the command line."""

import argparse
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec

from api.services import Services
from domain.access.events import AccessRecorded
from domain.access.masking import masked_key, masked_purpose
from domain.access.recording import ANONYMOUS, Access
from domain.moments import Then, read_moment
from infra.commands.progress import answer, say
from infra.commands.stepping import step_line
from projections.past import dossiers
from projections.past.dossiers import EVERYTHING, DossierStep, Part, Subject, Wanted
from projections.past.kinds import KINDS


def add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kind", action="append", choices=tuple(KINDS), help="only this kind; may be repeated"
    )
    parser.add_argument("--part", choices=[part for part in get_args(Part) if part], default="")
    parser.add_argument("--from", dest="start", metavar="TIME", help="happened then or later")
    parser.add_argument("--to", dest="end", metavar="TIME", help="happened before")
    parser.add_argument("--limit", type=int, default=1_000, metavar="N", help="default 1000")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    parser.add_argument("--actor", default=ANONYMOUS, help="who reads it")
    parser.add_argument("--purpose", default="", help="why; both are recorded")


def record_opening(services: Services, kind: str, key: str, chosen: argparse.Namespace) -> None:
    """That somebody reads it, before anything is read. Raises ``Refused``."""
    opening = AccessRecorded(
        act="open",
        channel="cli",
        kind=kind,
        key=masked_key(key, services.vault.digest),
        purpose=masked_purpose(chosen.purpose),
    )
    services.accesses.record(Access(chosen.actor, opening))


def show_dossier(
    services: Services,
    subject: Subject,
    then: Then,
    chosen: argparse.Namespace,
    head: Mapping[str, Any],
) -> int:
    zone = services.city().zone
    wanted = Wanted(
        tuple(chosen.kind or ()), chosen.part,
        _start_of(chosen.start, zone) or EVERYTHING.start,
        _start_of(chosen.end, zone) or EVERYTHING.end,
    )  # fmt: skip
    found = dossiers.lines(services.reader, subject, then, wanted, limit=chosen.limit + 1)
    counts = dossiers.counted(services.reader, subject, then, wanted)
    steps = dossiers.told(services.store, found[: chosen.limit])
    if chosen.json:
        told = {**head, "counts": counts, "items": [_as_data(step) for step in steps]}
        answer(json.dumps(msgspec.to_builtins(told), ensure_ascii=False, indent=1))
    else:
        for count in counts:
            late = f", {count.late} late" if count.late else ""
            answer(f"{count.stream_kind:<14} {count.part:<9} {count.events}{late}")
        for step in steps:
            answer(_line(step, zone))
    if len(found) > chosen.limit:
        say(f"duban: only the first {chosen.limit} are shown; --limit shows more")
    return 0


def _start_of(text: str | None, zone: ZoneInfo) -> datetime | None:
    """A day alone means its beginning here."""
    if text is None:
        return None
    day = len(text) == len("2012-06-01")
    return read_moment(f"{text}T00:00" if day else text, zone)


def _line(step: DossierStep, zone: ZoneInfo) -> str:
    line = step.line
    late = " LATE" if line.late else ""
    about = f"{line.stream_kind} {line.key}  [{line.part}{late}: {line.role}]  "
    return step_line(step.envelope, step.changes, step.recorded_late, zone, about)


def _as_data(step: DossierStep) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(step.line),
        "recorded_late": step.recorded_late,
        "body": step.envelope.event,
        "changes": step.changes,
    }
