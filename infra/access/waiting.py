"""Records of reading that wait for the process that has the city open, each in a durable file."""

import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from domain.access.recording import Access, AccessLog
from domain.errors import Refused
from domain.registry import Registry
from infra.clocks import SystemClock, new_id
from infra.event_store.store import SqliteEventStore
from infra.settings import Settings

FOLDER = "reads"
SUFFIX = ".json"

log = logging.getLogger("duban.access")
_decode = msgspec.json.Decoder(Access).decode


class Record(Protocol):
    def __call__(self, access: Access) -> None: ...


def record_beside(settings: Settings, access: Access) -> None:
    """Into the log itself, or, while another process has the city open, where that one takes it in
    within a second. Durable on return; raises ``Refused``, and nothing may be shown then."""
    try:
        with keeping_record(settings) as accesses:
            accesses.record(access)
    except Refused as refusal:
        if refusal.code != "data.in_use":
            raise
        at = access.at or SystemClock().now()
        _leave(settings.data_dir / FOLDER, msgspec.structs.replace(access, at=at))


@contextmanager
def keeping_record(settings: Settings) -> Iterator[AccessLog]:
    """The log of readers alone, for who needs nothing else of a city. Raises ``Refused``
    (``data.in_use``, ``store.*``)."""
    clock, registry = SystemClock(), Registry()
    if settings.mode == "server":
        from infra.event_store.postgres.store import PostgresEventStore

        with closing(PostgresEventStore.open(settings.postgres, clock, registry)) as shared:
            yield AccessLog(shared, clock, new_id)
        return
    with closing(SqliteEventStore.open(settings.events_file, clock, registry)) as store:
        yield AccessLog(store, clock, new_id)


def take_in(settings: Settings, record: Record) -> int:
    """How many of those that waited are in the log now. What cannot be read is left where it is,
    and told of."""
    taken = 0
    for path in waiting(settings):
        try:
            access = _decode(path.read_bytes())
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("a record of reading cannot be taken in: %s (%s)", path, error)
            continue
        record(access)
        path.unlink()
        taken += 1
    return taken


def waiting(settings: Settings) -> Iterator[Path]:
    """In the order in which they came."""
    yield from sorted((settings.data_dir / FOLDER).glob(f"*{SUFFIX}"))


def _leave(folder: Path, access: Access) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{new_id()}{SUFFIX}"
        beside = path.with_suffix(".new")
        with beside.open("xb") as file:
            file.write(msgspec.json.encode(access))
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise Refused(
            "access.unrecorded",
            f"that you read this cannot be recorded in {folder} ({error.strerror}), so it is not "
            "shown",
        ) from error
