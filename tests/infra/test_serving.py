"""The figures of a process that serves a city."""

import urllib.request
from pathlib import Path

from infra.serving import watched
from tests.support.cities import opened, synthetic


def test_a_served_city_tells_how_far_its_tables_are_and_who_watches(tmp_path: Path) -> None:
    synthetic(tmp_path)
    with opened(tmp_path) as runtime, watched(runtime, 0, "127.0.0.1") as port:
        runtime.react()
        stored = runtime.store.last_position()
        told = get(port, "/metrics")
        assert get(port, "/readyz") == '{"status": "ok", "problem": ""}'
    for line in (
        f"duban_events_stored_total {float(stored)}",
        f"duban_tables_position {float(stored)}",
        "duban_tables_lag_positions 0.0",
        "duban_live_listeners 0.0",
        "duban_reactions_lag_positions 0.0",
        "duban_reactions_refused 0.0",
    ):
        assert line in told.splitlines()


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return str(answer.read().decode())
