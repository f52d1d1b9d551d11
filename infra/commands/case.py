"""``duban case``: the whole story of a case, as it was known and as it was at any moment."""

import argparse
import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from domain.standing import Standing
from infra.bundled import calendars_for
from infra.clocks import SystemClock
from infra.commands.exporting import add_export, export
from infra.commands.moments import add_moments, then_of
from infra.commands.opening import add_data_option, chosen_settings
from infra.commands.progress import answer
from infra.commands.reading import add_reader, record_reading_beside
from infra.commands.stepping import step_line
from infra.settings import Settings
from infra.stores import open_store, require_city
from projections.cases import CASES, CaseRow
from projections.histories import History, history

EXAMPLES = (
    "duban case show 102737432-1",
    "duban case export 102737432-1 -o case.zip     # verifies offline: duban verify case.zip",
    "duban case show 102737432-1 --as-of 2026-11-23T12:00:00-05:00 --json",
    "duban case show 102737432-1 --at 2026-03-05   # as it was then, by all that is known",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|export")
    show = actions.add_parser("show", help="the timeline of a case")
    show.add_argument("case_id", metavar="ID")
    add_moments(show)
    add_export(actions, "case")
    show.add_argument("--json", action="store_true", help="the whole answer as JSON")
    add_reader(show)
    add_data_option(show)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Only looks, straight into the event store: works while the city is being served too."""
    if chosen.action == "export":
        return export(chosen, settings)
    settings = chosen_settings(chosen, settings)
    require_city(settings)
    record_reading_beside(settings, chosen, "cases", chosen.case_id)
    store = open_store(settings)
    try:
        zone = Standing.read(store, calendars_for).calendars.zone
        then = then_of(store, zone, SystemClock().now(), chosen.as_of, chosen.at)
        story = history(store, CASES, chosen.case_id, then.as_of, at=then.at)
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
            answer(step_line(step.envelope, step.changes, step.late, zone))


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
