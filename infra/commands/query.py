"""``duban query``: SQL over the analyst tables."""

import argparse
import sys

from infra.clickhouse.analyst import ClickHouseAnalyst
from infra.commands.opening import add_data_option, existing
from infra.commands.reading import add_reader, record_question
from infra.settings import Settings

EXAMPLES = (
    'duban query "SELECT status, count() FROM cases GROUP BY status"',
    'duban query "SELECT * FROM scores LIMIT 3" --format JSONEachRow',
    "duban query \"SELECT * FROM rankings WHERE period = '2012-W15'\" --format CSVWithNames",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sql", metavar="SQL", help="one SELECT; - reads it from standard input")
    parser.add_argument(
        "--format",
        default="PrettyCompact" if sys.stdout.isatty() else "CSVWithNames",
        help="a ClickHouse output format (default PrettyCompact on a terminal, else CSVWithNames)",
    )
    add_reader(parser)
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    sql = sys.stdin.read() if chosen.sql == "-" else chosen.sql
    with existing(chosen, settings) as runtime:
        record_question(runtime.services, chosen, sql)
        sys.stdout.buffer.write(ClickHouseAnalyst(runtime.engine).ask(sql, chosen.format))
        sys.stdout.buffer.flush()
    return 0
