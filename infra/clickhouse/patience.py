"""Tables on a server that may not be heard of for a moment, for work that is long to do again."""

import time
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, TypeVar

from infra.clickhouse.tables import ClickHouseTables
from projections.projection import Facts, Projection, Snapshot
from streams.ports import TablesUnavailable

PAUSES = (0.2, 1.0, 3.0)

T = TypeVar("T")


class PatientTables(ClickHouseTables):
    """Asks again, and inserts again with the same token, which counts once."""

    def current(self, snapshot: Snapshot[Any], keys: Sequence[str]) -> Mapping[str, Any]:
        return _patiently(lambda: super(PatientTables, self).current(snapshot, keys))

    def insert(self, projection: Projection, rows: Sequence[Any], token: str) -> None:
        _patiently(lambda: super(PatientTables, self).insert(projection, rows, token))

    def insert_file(self, table: str, path: Path, token: str) -> None:
        _patiently(lambda: super(PatientTables, self).insert_file(table, path, token))

    def newest(self, facts: Facts[Any]) -> int:
        return _patiently(lambda: super(PatientTables, self).newest(facts))

    def stored(self, facts: Facts[Any], positions: Sequence[int]) -> Set[int]:
        return _patiently(lambda: super(PatientTables, self).stored(facts, positions))


def _patiently(do: Callable[[], T]) -> T:
    for pause in PAUSES:
        try:
            return do()
        except TablesUnavailable:
            time.sleep(pause)
    return do()
