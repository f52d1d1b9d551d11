"""``duban case``: the whole story of a case, as known now or then."""

import argparse
import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from domain.standing import Standing
from infra.bundled import calendars_for
from infra.commands.opening import add_data_option, chosen_settings, moment
from infra.commands.progress import answer
from infra.settings import Settings
from infra.stores import open_store, require_city
from projections.cases import CASES, CaseRow
from projections.histories import History, HistoryStep, history

EXAMPLES = (
    "duban case show 102737432-1",
    "duban case show 102737432-1 --as-of 2026-11-23T12:00:00-05:00 --json",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="show")
    show = actions.add_parser("show", help="the timeline of a case")
    show.add_argument("case_id", metavar="ID")
    show.add_argument("--as-of", metavar="TIME", help="as it was known then (recorded time)")
    show.add_argument("--json", action="store_true", help="the whole answer as JSON")
    add_data_option(show)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Only looks, straight into the event store: works while the city is being served too."""
    settings = chosen_settings(chosen, settings)
    require_city(settings)
    store = open_store(settings)
    try:
        zone = Standing.read(store, calendars_for).calendars.zone
        as_of = moment(chosen.as_of, zone) if chosen.as_of else None
        story = history(store, CASES, chosen.case_id, as_of)
    finally:
        store.close()
    if chosen.json:
        answer(json.dumps(_as_data(story), ensure_ascii=False, default=str, indent=1))
    else:
        _show(chosen.case_id, story, zone)
    return 0


def _show(case_id: str, story: History[CaseRow], zone: ZoneInfo) -> None:
    if story.row is None:
        answer(f"{case_id}: nothing was known of it then")
    else:
        row = story.row
        answer(f"{row.case_no}  {row.status}  unit {row.unit or '-'}  {row.text}")
    for step in story.steps:
        if step.known:
            answer(_line(step, zone))


def _line(step: HistoryStep, zone: ZoneInfo) -> str:
    envelope = step.envelope
    changed = ", ".join(f"{c.field}: {c.before!s} → {c.after!s}" for c in step.changes)
    late = " (recorded late)" if step.late else ""
    return (
        f"{envelope.position:>8}  {envelope.occurred_at.astimezone(zone):%Y-%m-%d %H:%M}  "
        f"{envelope.event.NAME:<26} {envelope.actor}{late}\n          recorded "
        f"{envelope.recorded_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {changed}"
    )


def _as_data(story: History[CaseRow]) -> dict[str, Any]:
    return {
        "case": None if story.row is None else msgspec.to_builtins(story.row),
        "timeline": [
            {
                "position": step.envelope.position,
                "version": step.envelope.version,
                "event": step.envelope.event.NAME,
                "actor": step.envelope.actor,
                "occurred_at": step.envelope.occurred_at,
                "recorded_at": step.envelope.recorded_at,
                "late": step.late,
                "policies": step.envelope.metadata.policies,
                "body": msgspec.to_builtins(step.envelope.event),
            }
            for step in story.steps
            if step.known
        ],
    }
