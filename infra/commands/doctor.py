"""``duban doctor``: is everything here that a city needs, and is it well?"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import apsw

from domain.errors import Refused
from domain.registry import Registry
from infra.access.checking import readers
from infra.clocks import SystemClock
from infra.commands.opening import NOTICED, add_data_option, chosen_settings
from infra.commands.progress import answer
from infra.event_store.connections import require_sound_sqlite
from infra.event_store.lock import DirectoryLock
from infra.event_store.postgres.checking import server
from infra.event_store.store import SqliteEventStore
from infra.kafka.checking import broker
from infra.parked import parked
from infra.settings import Settings
from infra.vault.checking import vault

EXAMPLES = ("duban doctor --data ./data",)
LEAST_FREE = 1 << 30  # bytes: below this the next import may fill the disk

Check = Callable[[Settings], str]


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    settings = chosen_settings(chosen, settings)
    wrong = 0
    for name, check in CHECKS:
        try:
            answer(f"ok     {name}: {check(settings)}")
        except Refused as refusal:
            wrong += 1
            answer(f"WRONG  {name}: {refusal.message} [{refusal.code}]")
    return 1 if wrong else 0


def python(settings: Settings) -> str:
    return f"{sys.version.split()[0]}, duban {metadata.version('duban')}"


def packages(settings: Settings) -> str:
    """The five packages have plain names: another program's would be taken for ours."""
    places = {Path(sys.modules[name].__path__[0]).parent for name in FIVE if name in sys.modules}
    if len(places) != 1:
        raise Refused(
            "doctor.packages", f"the program is mixed from {sorted(map(str, places))}: install it "
            "into an environment of its own"
        )  # fmt: skip
    return str(places.pop())


def sqlite(settings: Settings) -> str:
    require_sound_sqlite(apsw.sqlite_lib_version())
    return f"{apsw.sqlite_lib_version()} (bundled)"


def clickhouse(settings: Settings) -> str:
    """In a process of its own: the engine opens one directory per process, and may crash."""
    asked = subprocess.run(
        [sys.executable, "-c", "import chdb; print(chdb.query('SELECT version()'), end='')"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if asked.returncode:
        raise Refused("doctor.clickhouse", f"the engine does not start: {asked.stderr[-300:]}")
    return f"{asked.stdout.strip()} (chdb {metadata.version('chdb')})"


def disk(settings: Settings) -> str:
    place = _nearest(settings.data_dir)
    try:
        with tempfile.NamedTemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except OSError as error:
        raise Refused("doctor.disk", f"{place} cannot be written: {error.strerror}") from error
    if free < LEAST_FREE:
        raise Refused("doctor.disk", f"{free >> 20} MiB free in {place}: make room")
    return f"{free >> 30} GiB free in {place}"


def events(settings: Settings) -> str:
    if not settings.events_file.exists():
        return f"no city in {settings.data_dir} yet"
    store = SqliteEventStore.open_read_only(settings.events_file, Registry())
    try:
        last = store.last_position()
        for newest in store.read(last - 1, 1):
            behind = newest.recorded_at - SystemClock().now()
            if behind > NOTICED:
                raise Refused(
                    "clock.behind",
                    f"this machine's clock is {behind} behind the newest event: set it",
                )
        return f"{last:,} events, store {store.store_id()}"
    finally:
        store.close()


def owner(settings: Settings) -> str:
    if not settings.data_dir.exists():
        return "nobody has it open"
    try:
        DirectoryLock(settings.data_dir).release()
    except Refused as refusal:
        return refusal.message
    return "nobody has it open"


def _nearest(directory: Path) -> Path:
    """The directory itself or the nearest one above it that exists."""
    place = directory.resolve()
    while not place.exists():
        place = place.parent
    return place


FIVE = ("domain", "projections", "streams", "api", "infra")
CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", python),
    ("packages", packages),
    ("sqlite", sqlite),
    ("clickhouse engine", clickhouse),
    ("disk", disk),
    ("event store", events),
    ("postgresql", server),
    ("kafka", broker),
    ("parked events", parked),
    ("vault", vault),
    ("readers", readers),
    ("in use", owner),
)
