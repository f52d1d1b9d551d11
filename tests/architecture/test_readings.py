"""Nothing can be read without a record: every route and every command is looked at."""

from pathlib import Path

import pytest
from fastapi.routing import APIRoute, _iter_routes_with_context
from starlette.routing import Mount, Route

from api.app import create_app
from api.recording import NOT_READ, recorded
from infra.cli import COMMANDS
from infra.embedded import embedded
from infra.settings import Settings
from tests.architecture.sources import imported

# What is no route of the application's own: files that are the same for everybody.
FILES = {"/static", "/api/v1/openapi.json"}
RECORDS = {"infra.commands.reading", "infra.commands.exporting", "infra.commands.dossiers"}
# Commands that show nobody's matter, or whose every answer is an event by itself.
SHOWS_NOTHING = {
    "serve": "what is asked of it is recorded by the routes",
    "simulate": "makes a city",
    "import": "brings events in",
    "tables": "what the columns mean",
    "policy": "rules, not matters",
    "log": "hashes and signatures",
    "worker": "lets follow what follows",
    "relay": "carries events to Kafka",
    "sink": "carries events into the tables",
    "kafka": "starts brokers",
    "migrate": "makes stores",
    "copy-store": "moves events",
    "rebuild": "makes tables anew",
    "keys": "public keys",
    "witness": "hashes and signatures",
    "verify": "says whether it is whole",
    "doctor": "says whether it is well",
    "bench": "makes cities of its own",
    "dead-letters": "what could not be taken in, for operators",
    "reactions": "what was refused, for operators",
}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """Whole address → what a request to it goes through first."""
    city = embedded(Settings(data_dir=tmp_path_factory.mktemp("city")), follow=False)
    app = create_app(city.services)
    found: dict[str, list[object]] = {}
    for route, context in _iter_routes_with_context(app.routes):
        if isinstance(route, APIRoute):
            assert context is not None
            assert context.dependant is not None
            calls = [each.call for each in context.dependant.dependencies]
            found.setdefault(context.path, []).append(calls[0] if calls else None)
        else:
            assert isinstance(route, Mount | Route)
            found.setdefault(route.path, []).append(None)
    city.close()
    return found


def test_every_route_records_the_reading_before_anything_else(
    routes: dict[str, list[object]],
) -> None:
    assert len(routes) > 100
    assert {path for path, first in routes.items() if set(first) != {recorded}} <= FILES


def test_what_is_not_recorded_is_there_and_has_a_reason(routes: dict[str, list[object]]) -> None:
    assert not NOT_READ.keys() - routes.keys(), "no such route any more: take it off the list"
    assert all(NOT_READ.values())


def test_every_command_records_what_it_shows() -> None:
    silent = {
        command.name
        for command in COMMANDS
        if not imported(f"infra/commands/{command.module}.py") & RECORDS
    }
    assert not silent - SHOWS_NOTHING.keys(), "record it, or say above why there is nothing to"
    assert not SHOWS_NOTHING.keys() - silent, "it records by now: take it off the list"


def test_no_setting_mentions_the_log_of_readers() -> None:
    """What cannot be switched off has no switch."""
    assert not [
        name for name in Settings.__dataclass_fields__ if "read" in name or "access" in name
    ]
    text = Path(embedded.__code__.co_filename).with_name("settings.py").read_text(encoding="utf-8")
    assert "DUBAN_READ" not in text
