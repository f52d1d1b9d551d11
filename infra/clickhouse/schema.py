"""Makes the read tables and their public views, and puts rebuilt ones in their place."""

from collections.abc import Sequence
from typing import Any

from infra.clickhouse import letters, progress, rests
from infra.clickhouse.engine import Engine
from infra.clickhouse.tables import CHECKPOINTS, checkpoints, note, physical
from projections.catalogue import PROJECTIONS, VIEWS
from projections.projection import Projection, Snapshot
from projections.statements import statements

BESIDE = "__beside"
CHECKPOINTS_DDL = """
CREATE TABLE IF NOT EXISTS {table} (
    name String COMMENT 'Table of the engine',
    position UInt64 COMMENT 'It holds everything up to this position of the log',
    saved_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When this was noted (UTC)'
)
ENGINE = ReplacingMergeTree(saved_at) ORDER BY name SETTINGS {durable}
COMMENT 'How far each table has been filled'
"""


def beside(projection: Projection) -> str:
    """Where a table is built while the old one goes on being read."""
    return physical(projection) + BESIDE


def prepare(engine: Engine) -> list[str]:
    """Makes what is not there yet. Answers with the tables that this version of the program needs
    and that have to be built from the log before they can be read."""
    make_bookkeeping(engine)
    with engine.client() as client:
        present = tables_present(client)
        for name in present:
            if name.endswith(BESIDE):
                client.command(f"DROP TABLE {name} SYNC")
    missing = make_missing(engine, unless=any(checkpoints(engine).values()))
    drop_older(engine)
    return missing


def make_bookkeeping(engine: Engine) -> None:
    """The tables about the tables; those that are there stay as they are."""
    with engine.client() as client:
        client.command(engine.layout.table(CHECKPOINTS_DDL, CHECKPOINTS))
        for ddl in (progress.DDL, rests.DDL, letters.DDL):
            client.command(engine.layout.table(ddl, ""))


def make_missing(engine: Engine, unless: bool) -> list[str]:
    """Tables that are not there, ``unless`` they would lack what the others hold already: then
    answers with their names."""
    with engine.client() as client:
        present = tables_present(client)
    missing = [p for p in PROJECTIONS if physical(p) not in present]
    if not unless:
        for projection in missing:
            create(engine, projection, physical(projection))
    make_views(engine)
    return [p.table for p in missing] if unless else []


def create(engine: Engine, projection: Projection, name: str) -> None:
    with engine.client() as client:
        client.command(engine.layout.table(statements(projection.table)["table"], name))


def make_views(engine: Engine) -> None:
    """The public name of every table that is there, over what is stored."""
    with engine.client() as client:
        present = tables_present(client)
        for projection in PROJECTIONS:
            if physical(projection) in present:
                client.command(_view(client, projection))
        if all(physical(projection) in present for projection in PROJECTIONS):
            for view in VIEWS:
                client.command(statements(view.table)["view"])


def switch(engine: Engine, projections: Sequence[Projection], position: int) -> None:
    """What was built beside takes the place of what is there; older versions are dropped."""
    # Facts first, as always: a crash in between must not leave rows that are ahead of them.
    in_order = sorted(projections, key=lambda projection: isinstance(projection, Snapshot))
    with engine.client() as client:
        present = tables_present(client)
        for projection in in_order:
            name, built = physical(projection), beside(projection)
            if name in present:
                client.command(f"EXCHANGE TABLES {name} AND {built}")
                client.command(f"DROP TABLE {built} SYNC")
            else:
                client.command(f"RENAME TABLE {built} TO {name}")
            client.command(f"SYSTEM START MERGES {name}")
        note(client, map(physical, projections), position)
    make_views(engine)
    drop_older(engine)


def drop_older(engine: Engine) -> None:
    """Tables of other versions, once those of this version are there."""
    with engine.client() as client:
        present = tables_present(client)
        for projection in PROJECTIONS:
            if physical(projection) in present:
                for name in present - {physical(projection)}:
                    if name.startswith(f"{projection.table}_v"):
                        client.command(f"DROP TABLE {name} SYNC")


def drop_beside(engine: Engine, projections: Sequence[Projection]) -> None:
    with engine.client() as client:
        for projection in projections:
            client.command(f"DROP TABLE IF EXISTS {beside(projection)} SYNC")


def tables_present(client: Any) -> set[str]:
    found = client.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'View'"
    )
    return {name for (name,) in found.result_rows}


def _view(client: Any, projection: Projection) -> str:
    """All columns, the computed ones too, with their comments."""
    name = physical(projection)
    columns = client.query(
        "SELECT name, type, comment FROM system.columns WHERE database = currentDatabase() "
        "AND table = {table:String} ORDER BY position",
        parameters={"table": name},
    ).result_rows
    comment = client.query(
        "SELECT comment FROM system.tables WHERE database = currentDatabase() "
        "AND name = {table:String}",
        parameters={"table": name},
    ).result_rows[0][0]
    declared = ", ".join(f"`{c}` {kind} COMMENT {_quoted(said)}" for c, kind, said in columns)
    final = " FINAL" if isinstance(projection, Snapshot) else ""
    return (
        f"CREATE OR REPLACE VIEW {projection.table} ({declared}) AS "
        f"SELECT {', '.join(f'`{c}`' for c, _, _ in columns)} FROM {name}{final} "
        f"COMMENT {_quoted(comment)}"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
