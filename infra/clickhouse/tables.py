"""The read tables in ClickHouse, as the projector fills them."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from infra.clickhouse.columns import arrow_schema, leave_pandas_out, record_batch
from infra.clickhouse.engine import Engine
from projections.projection import Facts, Projection, Snapshot

# One insert is one part, so that it is there whole or not at all after a crash.
_ONE_PART = {
    "async_insert": 0,
    "max_insert_threads": 1,
    "min_insert_block_size_rows": 100_000_000,
    "min_insert_block_size_bytes": 0,
    "optimize_on_insert": 0,  # looks for repeated keys in the batch, where there are none
}
_CURRENT = """
SELECT {columns} FROM {table} WHERE {key} IN {{keys:Array(String)}}
ORDER BY position DESC LIMIT 1 BY {key}
"""

# Positions asked for at a time: as text they stay far below the longest question allowed.
_ASKED = 10_000

CHECKPOINTS = "checkpoints"
Naming = Callable[[Projection], str]


def physical(projection: Projection) -> str:
    """The table behind the public view of that name."""
    return f"{projection.table}_v{projection.version}"


def insert_settings(token: str) -> dict[str, Any]:
    return {**_ONE_PART, "insert_deduplication_token": token}


class ClickHouseTables:
    """``streams.ports.Tables`` over the tables that ``naming`` gives the projections."""

    def __init__(
        self, engine: Engine, projections: Sequence[Projection], naming: Naming = physical
    ) -> None:
        leave_pandas_out()
        self._engine = engine
        self._names = {p.table: naming(p) for p in projections}
        self._rows = {p.table: p.row for p in projections}

    def current(self, snapshot: Snapshot[Any], keys: Sequence[str]) -> Mapping[str, Any]:
        fields = snapshot.row.__struct_fields__
        sql = _CURRENT.format(
            columns=", ".join(fields), table=self._names[snapshot.table], key=snapshot.key
        )
        with self._engine.client() as client:
            found = client.query(sql, parameters={"keys": list(keys)}).result_rows
        rows = (zip(fields, map(_kept, values), strict=True) for values in found)
        return {row[snapshot.key]: snapshot.row(**row) for row in map(dict, rows)}

    def insert(self, projection: Projection, rows: Sequence[Any], token: str) -> None:
        table = projection.table
        batch = record_batch(self.schemas[table], rows)
        with self._engine.client() as client:
            client.insert_arrow(
                self._names[table],
                pa.Table.from_batches([batch]),
                settings=self._settings(token),
            )

    def insert_file(self, table: str, path: Path, token: str) -> None:
        """Rows in Arrow's file format."""
        with self._engine.client() as client, path.open("rb") as file:
            client.raw_insert(
                self._names[table],
                self.schemas[table].names,
                file,
                self._settings(token),
                "Arrow",
            )

    def newest(self, facts: Facts[Any]) -> int:
        with self._engine.client() as client:
            found = client.query(f"SELECT max(position) FROM {self._names[facts.table]}")
        return int(found.result_rows[0][0])

    def stored(self, facts: Facts[Any], positions: Sequence[int]) -> Set[int]:
        found: set[int] = set()
        with self._engine.client() as client:
            for start in range(0, len(positions), _ASKED):
                listed = ", ".join(map(str, positions[start : start + _ASKED]))
                rows = client.query(
                    f"SELECT DISTINCT position FROM {self._names[facts.table]} "
                    f"WHERE position IN ({listed})"
                ).result_rows
                found.update(position for (position,) in rows)
        return found

    def checkpoint(self) -> int:
        return min(checkpoints(self._engine).get(name, 0) for name in self._names.values())

    def save_checkpoint(self, position: int) -> None:
        with self._engine.client() as client:
            note(client, self._names.values(), position)

    def _settings(self, token: str) -> dict[str, Any]:
        return {**insert_settings(token), **self._engine.layout.inserting}

    @cached_property
    def schemas(self) -> Mapping[str, pa.Schema]:
        with self._engine.client() as client:
            return {
                table: arrow_schema(row, stored_columns(client, self._names[table]))
                for table, row in self._rows.items()
            }


def stored_columns(client: Any, table: str) -> dict[str, str]:
    """The columns a table keeps (not those it computes), with their types."""
    columns = client.query(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase() "
        "AND table = {table:String} AND default_kind = '' ORDER BY position",
        parameters={"table": table},
    )
    return {row[0]: row[1] for row in columns.result_rows}


def note(client: Client, tables: Iterable[str], position: int) -> None:
    """That these tables hold everything up to a position."""
    # As bytes: the driver's insert of Python rows imports pandas, for nothing.
    rows = [{"name": name, "position": position} for name in tables]
    block = b"\n".join(map(msgspec.json.encode, rows))
    client.raw_insert(CHECKPOINTS, None, block, {"async_insert": 0}, "JSONEachRow")


def checkpoints(engine: Engine) -> dict[str, int]:
    with engine.client() as client:
        found = client.query(
            f"SELECT name, argMax(position, saved_at) FROM {CHECKPOINTS} GROUP BY name"
        )
    return {row[0]: row[1] for row in found.result_rows}


def _kept(value: Any) -> Any:
    """As rows keep it: arrays never change there."""
    return tuple(value) if isinstance(value, list) else value
