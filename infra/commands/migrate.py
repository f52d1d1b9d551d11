"""``duban migrate``: make the stores of the server mode, or bring them up to date."""

import argparse
from contextlib import closing

from domain.errors import Refused
from infra.clickhouse.cluster import cluster_statements
from infra.clickhouse.http_engine import HttpEngine
from infra.commands.progress import answer
from infra.event_store.postgres.failures import place
from infra.event_store.postgres.migrating import begin_epoch, migrate, statements
from infra.lasting import require
from infra.lines import prepare_for_sinks
from infra.settings import SERVERS, Settings
from streams.ports import TablesUnavailable

EXAMPLES = (
    "DUBAN_POSTGRES=postgresql://duban@127.0.0.1/duban duban migrate",
    "duban migrate --print                        # the SQL, for who makes the tables by hand",
    "duban migrate --new-epoch                    # after PostgreSQL was restored from a backup",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--print", action="store_true", help="print the SQL and change nothing")
    parser.add_argument(
        "--new-epoch",
        action="store_true",
        help="say that the store was restored from a backup and may have lost its newest events",
    )


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.print:
        return _print(settings)
    require(settings.postgres, "DUBAN_POSTGRES", SERVERS["DUBAN_POSTGRES"])
    where = place(settings.postgres)
    before, after = migrate(settings.postgres)
    made = f"made (schema {after})" if not before else f"brought from schema {before} to {after}"
    answer(f"event store in {where}: {'up to date' if before == after else made}")
    if chosen.new_epoch:
        answer(f"event store in {where}: epoch {begin_epoch(settings.postgres)} begins")
    if settings.clickhouse:
        _make_tables(settings)
    return 0


def _make_tables(settings: Settings) -> None:
    with closing(HttpEngine(settings.clickhouse)) as engine:
        try:
            prepare_for_sinks(engine)
        except TablesUnavailable as error:
            raise Refused(
                "tables.unavailable", f"the read tables cannot be made now ({error}): try again"
            ) from error
        answer(f"read tables in {engine.database}: up to date")


def _print(settings: Settings) -> int:
    answer("-- PostgreSQL: the event store")
    for text in statements():
        answer(text)
    answer("\n-- ClickHouse: the read tables, their users and their limits, on a cluster")
    for text in cluster_statements():
        answer(f"{text};\n")
    return 0
