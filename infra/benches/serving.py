"""How long a big city takes to open, what it weighs, and how soon a board shows an event."""

import http.client
import json
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

from infra.benches.cities import city
from infra.benches.timing import spread
from infra.settings import Settings

SENT = 100
MAIN = "import sys; from infra.cli import main; sys.exit(main())"
JSON = {"Content-Type": "application/json", "Actor": "bench"}


def bench_start(events: int) -> dict[str, Any]:
    """Seconds from the command to the first answer, raw: those of importing the same packages
    alone; resident MiB after the boards have been looked at."""
    with city(events) as settings:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import infra.commands.serve"], check=True)
        raw = time.perf_counter() - started
        started = time.perf_counter()
        with served(settings) as (process, connection):
            get(connection, "/health")
            opened = time.perf_counter() - started
            for path in ("/", "/rankings", "/cases", "/api/v1/cases", "/board"):
                get(connection, path)
            resident = _resident_mib(process.pid)
    return {
        "bench": "start",
        "events": events,
        "start_seconds": round(opened, 2),
        "raw_import_seconds": round(raw, 2),
        "start_ratio": round(opened / raw, 2),
        "resident_mib": resident,
    }


def bench_live(events: int) -> dict[str, Any]:
    """Milliseconds from the acknowledgement of a command to the news that the boards can show it,
    and to the whole board with it; raw: a round trip to the same server."""
    with city(events) as settings, served(settings) as (_, connection):
        told: Queue[tuple[int, float]] = Queue()
        threading.Thread(target=listen, args=(connection, told), daemon=True).start()
        told.get(timeout=30)
        get(connection, "/board")  # the board hangs open on its wall
        raw, news, shown = [], [], []
        for number in range(SENT):
            started = time.perf_counter()
            get(connection, "/health")
            raw.append(time.perf_counter() - started)
            position, acknowledged = _report(connection, number)
            while True:
                reached, heard = told.get(timeout=30)
                if reached >= position:
                    break
            news.append(max(0.0, heard - acknowledged))
            get(connection, "/board")
            shown.append(time.perf_counter() - acknowledged)
    return {
        "bench": "live",
        "events": events,
        "sent": SENT,
        **spread("raw_round_trip", raw),
        **spread("news", news),
        **spread("shown", shown),
        "live_ratio": round(statistics.median(shown) / statistics.median(raw), 2),
    }


@contextmanager
def served(
    settings: Settings,
) -> Iterator[tuple[subprocess.Popen[str], http.client.HTTPConnection]]:
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "serve", "--port", "0", "--data", str(settings.data_dir)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        address = re.search(r"http://([^:\s]+):(\d+)", process.stderr.readline())
        if address is None:
            raise RuntimeError(process.stderr.read())
        yield process, http.client.HTTPConnection(address.group(1), int(address.group(2)))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def get(connection: http.client.HTTPConnection, path: str) -> bytes:
    """Raises ``RuntimeError`` for anything but an answer as it should be."""
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
    return body


def _report(connection: http.client.HTTPConnection, number: int) -> tuple[int, float]:
    """An inspection, which leaves score entries. The position, and when it was acknowledged."""
    body = {
        "inspection_id": f"bench-{number}",
        "unit": f"u{number}",
        "source": "patrol",
        "result": "conditional_pass",
    }
    headers = {**JSON, "Idempotency-Key": f"bench-{number}"}
    connection.request("POST", "/api/v1/inspections", json.dumps(body), headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    if answer.status not in (200, 201):
        raise RuntimeError(f"{answer.status} {told}")
    return told["position"], time.perf_counter()


def listen(near: http.client.HTTPConnection, told: "Queue[tuple[int, float]]") -> None:
    """Tells each position that an open stream of live changes tells, with the moment."""
    connection = http.client.HTTPConnection(near.host, near.port)
    connection.request("GET", "/api/v1/live")
    answer = connection.getresponse()
    while line := answer.readline():
        if line.startswith(b"data:"):
            told.put((json.loads(line[5:])["position"], time.perf_counter()))


def _resident_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) // 1024 if found else 0
