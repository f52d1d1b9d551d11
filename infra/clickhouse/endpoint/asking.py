"""What a request asks for, from its address, its headers and its body."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from infra.clickhouse.endpoint.accounts import Role
from infra.clickhouse.endpoint.failures import (
    NOT_IMPLEMENTED,
    READONLY,
    UNKNOWN_DATABASE,
    Failure,
)
from infra.clickhouse.engine import DATABASE

# What the interface itself understands: never a setting of the engine.
_OF_HTTP = {
    "add_http_cors_header", "buffer_size", "cancel_http_readonly_queries_on_client_close",
    "client_protocol_version", "close_session", "compress", "database", "decompress",
    "default_format", "enable_http_compression", "http_headers_progress_interval_ms",
    "http_response_buffer_size", "http_write_exception_in_output_format",
    "network_compression_method", "password", "query", "query_id", "quota_key", "role",
    "send_progress_in_http_headers", "session_check", "session_id", "session_timeout",
    "stacktrace", "user", "wait_end_of_query",
}  # fmt: skip
# What an analyst may set: how an answer looks, and limits, which can only become tighter.
_OF_ANALYSTS = re.compile(
    r"output_format_(?!schema)\w+|date_time_(in|out)put_format|session_timezone|join_use_nulls|"
    r"extremes|log_comment|limit|offset|max_threads|max_block_size|(result|read)_overflow_mode|"
    r"group_by_use_nulls|prefer_column_name_to_alias|cast_string_to_dynamic_use_inference|"
    r"format_csv_delimiter|bool_(true|false)_representation"
)
_LIMITS = {"max_execution_time", "max_result_rows", "max_result_bytes", "max_memory_usage"}
_LIMITS |= {"max_rows_to_read", "max_bytes_to_read"}
_IGNORED = {"readonly", "async_insert", "wait_for_async_insert"}
# These read or write files beside the tables.
_FILES = re.compile(r"format_schema\w*|output_format_schema|format_template\w*|.*_path|.*_disk")


@dataclass(frozen=True, slots=True)
class Asked:
    """``encoding`` and ``framed`` say how the answer is packed; ``params`` fill the {name:Type}
    of the statement."""

    role: Role
    query: str
    body_is_rows: bool
    reading_only: bool
    database: str
    default_format: str
    settings: Mapping[str, str]
    params: Mapping[str, str]
    query_id: str
    session: str
    session_seconds: float
    session_check: bool
    whole: bool
    framed: bool


def asked(
    role: Role, method: str, given: Mapping[str, str], headers: Mapping[str, str], query_id: str
) -> Asked:
    """Raises ``Failure`` for what is not known or not allowed."""
    if "role" in given:
        raise Failure(NOT_IMPLEMENTED, "Roles are not supported here: use the other account")
    return Asked(
        role=role,
        query=given.get("query", ""),
        body_is_rows="query" in given,
        reading_only=method in ("GET", "HEAD"),
        database=_database(given.get("database") or headers.get("x-clickhouse-database", "")),
        default_format=given.get("default_format") or headers.get("x-clickhouse-format", ""),
        settings=_settings(role, given),
        params={n[len("param_") :]: v for n, v in given.items() if n.startswith("param_")},
        query_id=given.get("query_id") or query_id,
        session=given.get("session_id", ""),
        session_seconds=_number(given.get("session_timeout", "60")),
        session_check=given.get("session_check") == "1",
        whole=given.get("wait_end_of_query") == "1",
        framed=given.get("compress") == "1",
    )


def _database(name: str) -> str:
    """There is one; clients that were told none ask for the default one. In any other a plain
    name would mean another table than the one it is checked for."""
    if name not in ("", "default", DATABASE):
        raise Failure(UNKNOWN_DATABASE, f"Database {name} does not exist")
    return DATABASE


def _settings(role: Role, given: Mapping[str, str]) -> dict[str, str]:
    chosen = {n: v for n, v in given.items() if n not in _OF_HTTP and not n.startswith("param_")}
    for name in list(chosen):
        if role == "analyst" and name in _IGNORED:
            del chosen[name]
        elif role == "analyst" and not (name in _LIMITS or _OF_ANALYSTS.fullmatch(name)):
            raise Failure(READONLY, f"Cannot modify '{name}' setting in readonly mode")
        elif _FILES.fullmatch(name):
            raise Failure(READONLY, f"Cannot modify '{name}' setting: it names files")
    return chosen


def tightened(limits: Mapping[str, object], chosen: Mapping[str, str]) -> dict[str, str]:
    """``limits`` in their order, each as asked for where that is less; then all other settings,
    but ``readonly`` at last: nothing can be set any more after it."""
    found = {}
    for name, most in limits.items():
        wanted = _number(chosen.get(name, "0"))
        inside = isinstance(most, int) and 0 < wanted < most
        found[name] = chosen[name] if inside else str(most)
    others = {name: value for name, value in chosen.items() if name not in limits}
    every = {**others, **found}
    last = {name: every.pop(name) for name in ("readonly",) if name in every}
    return {**every, **last}


def _number(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
