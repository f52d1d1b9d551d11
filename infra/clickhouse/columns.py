"""Rows into columns: what ClickHouse's types are called in Arrow, the fastest way in."""

import re
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import msgspec
import pyarrow as pa

_WRAPPED = re.compile(r"(Nullable|LowCardinality|Array)\((.+)\)")
_DECIMAL = re.compile(r"Decimal\((\d+), (\d+)\)")
_PLAIN: Mapping[str, pa.DataType] = {
    "Bool": pa.bool_(),
    "Date": pa.date32(),
    "DateTime64(6, 'UTC')": pa.timestamp("us", "UTC"),
    "Float64": pa.float64(),
    "Int8": pa.int8(),
    "String": pa.string(),
    "UInt8": pa.uint8(),
    "UInt16": pa.uint16(),
    "UInt32": pa.uint32(),
    "UInt64": pa.uint64(),
}


def arrow_type(name: str) -> pa.DataType:
    """Raises ``KeyError`` for a type that no table of ours has."""
    if wrapped := _WRAPPED.fullmatch(name):
        inner = arrow_type(wrapped[2])
        return pa.list_(inner) if wrapped[1] == "Array" else inner
    if decimal := _DECIMAL.fullmatch(name):
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    return _PLAIN[name]


def arrow_schema(row: type[msgspec.Struct], columns: Mapping[str, str]) -> pa.Schema:
    """The fields of a row in their order, with the types its table gives them."""
    return pa.schema(
        [
            pa.field(name, arrow_type(columns[name]), nullable="Nullable" in columns[name])
            for name in row.__struct_fields__
        ]
    )


def record_batch(schema: pa.Schema, rows: Iterable[msgspec.Struct]) -> pa.RecordBatch:
    """Raises ``ValueError`` for a value its column cannot hold."""
    values = list(map(msgspec.structs.astuple, rows))
    try:
        return pa.RecordBatch.from_struct_array(pa.array(values, pa.struct(list(schema))))
    except (pa.ArrowException, OverflowError, TypeError) as error:
        raise ValueError(f"a row does not fit its table: {error}") from error


def leave_pandas_out() -> None:
    """pyarrow looks for pandas in the middle of its first conversion, and importing it takes a
    second, in which no board moves, and 80 MB, for what we never use. So it meets one that is too
    old and does without. To be called before there are other threads."""
    if "pandas" in sys.modules:
        return
    too_old = ModuleType("pandas")
    too_old.__version__ = "0"  # type: ignore[attr-defined]
    sys.modules["pandas"] = too_old
    try:
        with warnings.catch_warnings(action="ignore"):
            pa.array([0])
    finally:
        del sys.modules["pandas"]


def write_file(path: Path, batches: Sequence[pa.RecordBatch]) -> None:
    """In Arrow's file format; there is at least one batch, and all have the same schema."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
