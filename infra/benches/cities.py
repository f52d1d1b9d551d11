"""A city of any size on disk, made once for a bench and thrown away after it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.registry import Registry
from infra.benches.city_log import city_log
from infra.clocks import SystemClock
from infra.compose import open_city
from infra.event_store import SqliteEventStore
from infra.settings import Settings

APPENDS = 2_000  # stored together


@contextmanager
def city(events: int, folder: Path | None = None) -> Iterator[Settings]:
    """A synthetic city of at least ``events`` events with its read tables filled."""
    with TemporaryDirectory(dir=folder, prefix="duban-bench-") as directory:
        settings = Settings(data_dir=Path(directory) / "city", port=0)
        settings.data_dir.mkdir()
        with closing(
            SqliteEventStore.open(settings.events_file, SystemClock(), Registry())
        ) as store:
            appends = city_log(events)
            while batch := list(islice(appends, APPENDS)):
                store.append(batch)
        with closing(open_city(settings, None, True)) as runtime:
            runtime.catch_up()
        yield settings
