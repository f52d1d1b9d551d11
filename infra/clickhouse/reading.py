"""Answers the named queries of the projections."""

from collections.abc import Mapping
from typing import Any

from domain.errors import Invalid, Refused
from infra.clickhouse.engine import Engine
from projections.reading import Row
from projections.statements import query
from streams.ports import TablesUnavailable

# What the engine says about parameters that are missing or cannot be read.
_PARAMETER_ERRORS = ("UNKNOWN_QUERY_PARAMETER", "BAD_QUERY_PARAMETER")


class ClickHouseReader:
    """``projections.reading.Reader``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self, query_name: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        sql = query(query_name)
        try:
            with self._engine.client() as client:
                return list(client.query(sql, parameters=dict(parameters or {})).named_results())
        except TablesUnavailable as error:
            if any(code in str(error) for code in _PARAMETER_ERRORS):
                raise Invalid("query.parameters", f"{query_name}: {error}") from error
            raise Refused(
                "tables.unavailable", f"the read tables cannot answer {query_name} now: {error}"
            ) from error
