"""The statements that make the read tables on a real ClickHouse cluster, each with its reason."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.clickhouse import letters, progress, rests
from infra.clickhouse.engine import DATABASE
from infra.clickhouse.layout import CLUSTER
from infra.clickhouse.schema import CHECKPOINTS_DDL
from infra.clickhouse.tables import CHECKPOINTS, physical
from projections.catalogue import PROJECTIONS, TABLES
from projections.projection import Projection, Snapshot
from projections.statements import statements

# What lets a row be shown to who may see one unit's subtree alone.
_OF_UNIT = ("cases", "inspections", "penalties", "scores", "slips", "deadlines")
LOCAL = "_local"


@dataclass(frozen=True, slots=True)
class Plan:
    """``shards``: whether the tables are spread over several; ``subtrees`` gives the user of a
    unit's office the unit whose subtree it may see."""

    cluster: str = "duban"
    shards: bool = False
    subtrees: Sequence[tuple[str, str]] = ()


def cluster_statements(plan: Plan = Plan()) -> list[str]:
    """In the order in which they must be run. Every one begins with a comment that says why."""
    return [
        f"-- {why}\n{sql}"
        for why, sql in (
            *_database(plan),
            *_tables(plan),
            *_limits(plan),
            *_users(plan),
            *_policies(plan),
        )
    ]


Explained = Iterator[tuple[str, str]]


def _database(plan: Plan) -> Explained:
    yield (
        "Every machine makes the database; from then on it hands each statement to all of them, "
        "so that a rebuild's CREATE, EXCHANGE and DROP need no ON CLUSTER.",
        f"CREATE DATABASE IF NOT EXISTS {DATABASE} ON CLUSTER {plan.cluster} "
        f"ENGINE = Replicated('/clickhouse/databases/{DATABASE}', '{{shard}}', '{{replica}}')",
    )


def _tables(plan: Plan) -> Explained:
    of_sinks = [(ddl, "") for ddl in (progress.DDL, rests.DDL, letters.DDL)]
    for ddl, name in ((CHECKPOINTS_DDL, CHECKPOINTS), *of_sinks):
        yield (
            "What the sink remembers: how far it came, and what it could not take in. Kept whole "
            "on every machine, never spread.",
            _in_database(CLUSTER.table(ddl, name)),
        )
    for projection in PROJECTIONS:
        name = physical(projection)
        stored = name + LOCAL if plan.shards else name
        made = CLUSTER.table(statements(projection.table)["table"], stored)
        yield (
            f"{projection.table}: every part is copied to every replica, and a token that was used "
            "is remembered, so that a batch sent twice counts once.",
            _in_database(made.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1)),
        )
        if plan.shards:
            yield (
                f"{projection.table} as one table over all shards. All rows of a stream lie on one "
                "shard: otherwise FINAL could not find the newest of them.",
                f"CREATE TABLE IF NOT EXISTS {DATABASE}.{name} AS {DATABASE}.{stored} "
                f"ENGINE = Distributed({plan.cluster}, {DATABASE}, {stored}, "
                f"cityHash64({_spread_by(projection)}))",
            )


def _limits(plan: Plan) -> Explained:
    on = f" ON CLUSTER {plan.cluster}"
    yield (
        "Analysts only read, a minute and 4 GiB at most; they may choose how answers look.",
        f"CREATE SETTINGS PROFILE IF NOT EXISTS duban_analyst{on} SETTINGS readonly = 2, "
        "max_execution_time = 60 MIN 1 MAX 60, max_memory_usage = 4294967296 MAX 4294967296, "
        "max_result_rows = 10000000 MAX 10000000, allow_ddl = 0 CONST, "
        "allow_introspection_functions = 0 CONST",
    )
    yield (
        "The sink waits until a majority of replicas has its rows, and for the shards themselves; "
        "what it is told is stored is stored.",
        f"CREATE SETTINGS PROFILE IF NOT EXISTS duban_sink{on} SETTINGS async_insert = 0, "
        "insert_quorum = 'auto', insert_deduplicate = 1, distributed_foreground_insert = 1, "
        "select_sequential_consistency = 1",
    )
    yield (
        "A board that asks in a loop is stopped before it slows the sink down.",
        f"CREATE QUOTA IF NOT EXISTS duban_analyst{on} KEYED BY user_name "
        "FOR INTERVAL 1 hour MAX queries = 20000, execution_time = 7200 TO duban_analyst_role",
    )


def _users(plan: Plan) -> Explained:
    on = f" ON CLUSTER {plan.cluster}"
    yield (
        "What analysts may read, once for all of them.",
        f"CREATE ROLE IF NOT EXISTS duban_analyst_role{on} SETTINGS PROFILE 'duban_analyst'",
    )
    for table in TABLES:
        yield (
            f"{table} is public. A view reads with the rights of who asks, so that row policies "
            "hold: what stands behind it, in whatever version, must be readable too.",
            f"GRANT{on} SELECT ON {DATABASE}.{table}, SELECT ON {DATABASE}.{table}_v* "
            "TO duban_analyst_role",
        )
    yield (
        "Put a password of your own in place of CHANGE_ME before you run this.",
        f"CREATE USER IF NOT EXISTS analyst{on} IDENTIFIED WITH sha256_password BY 'CHANGE_ME' "
        "DEFAULT ROLE duban_analyst_role",
    )
    yield (
        "The sink and the API. Put a password of your own in place of CHANGE_ME; the API's "
        "address is http://sink:PASSWORD@HOST:8123/duban?replicated=1",
        f"CREATE USER IF NOT EXISTS sink{on} IDENTIFIED WITH sha256_password BY 'CHANGE_ME' "
        "SETTINGS PROFILE 'duban_sink'",
    )
    yield (
        "The sink makes, fills, switches and drops the tables of its database, and nothing else: "
        "no files, no addresses, no other database.",
        f"GRANT{on} SELECT, INSERT, ALTER, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, "
        f"TRUNCATE, OPTIMIZE, SYSTEM MERGES ON {DATABASE}.* TO sink",
    )


def _policies(plan: Plan) -> Explained:
    """Rows of one subtree of units. Policies add up: without the last one, nobody else would see
    anything any more. They name tables of this version: after an upgrade they are made again."""
    on = f" ON CLUSTER {plan.cluster}"
    by_table = {p.table: p for p in PROJECTIONS}
    tables = [physical(by_table[t]) for t in _OF_UNIT if t in by_table] if plan.subtrees else []
    for user, unit in plan.subtrees:
        below = _subtree(unit)
        for table in tables:
            yield (
                f"{user} sees of {table} what concerns {unit} and the units below it.",
                f"CREATE ROW POLICY IF NOT EXISTS {_policy(user, table)}{on} ON {DATABASE}.{table} "
                f"FOR SELECT USING unit IN ({below}) TO {_name(user)}",
            )
    others = ", ".join(_name(user) for user, _ in plan.subtrees)
    for table in tables:
        yield (
            f"Everybody else sees all of {table}.",
            f"CREATE ROW POLICY IF NOT EXISTS all_{table}{on} ON {DATABASE}.{table} "
            f"FOR SELECT USING 1 TO ALL EXCEPT {others}",
        )


def _subtree(unit: str) -> str:
    quoted = "'" + unit.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return (
        f"WITH RECURSIVE below AS (SELECT {quoted} AS unit_id UNION ALL SELECT u.unit_id "
        f"FROM {DATABASE}.units AS u INNER JOIN below ON u.parent = below.unit_id) "
        "SELECT unit_id FROM below"
    )


def _spread_by(projection: Projection) -> str:
    return projection.key if isinstance(projection, Snapshot) else "position"


def _in_database(ddl: str) -> str:
    return re.sub(r"^(CREATE TABLE (IF NOT EXISTS )?)", rf"\1{DATABASE}.", ddl.strip())


def _policy(user: str, table: str) -> str:
    return _name(f"{user}_{table}")


def _name(name: str) -> str:
    return "`" + name.replace("`", "") + "`"
