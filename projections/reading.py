"""What readers of the tables are given: named queries, answered from the newest batch applied."""

from collections.abc import Mapping
from typing import Any, Protocol

Row = dict[str, Any]


class Reader(Protocol):
    """Safe for any number of threads. Times come as aware datetimes in UTC, decimals as
    ``Decimal``, arrays as lists."""

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """The answer to a query named ``<module>.<section>`` of ``projections/<module>.sql``.
        Every ``{name:Type}`` in it needs its parameter. Raises ``KeyError`` for an unknown name,
        ``Invalid`` (``query.parameters``) for parameters that do not fit, ``Refused``
        (``tables.unavailable``) when the tables cannot be read at the moment."""


class Analyst(Protocol):
    """Answers questions written by people."""

    def ask(self, sql: str, output_format: str) -> bytes:
        """The answer to one SELECT, WITH, SHOW, DESCRIBE or EXPLAIN over the public tables, in a
        ClickHouse output format. Raises ``Invalid`` (``query.refused``, ``query.failed``)."""
