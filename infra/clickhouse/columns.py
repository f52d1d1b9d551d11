"""Rows into columns: what ClickHouse's types are called in Arrow, the fastest way in."""

import re
from collections.abc import Mapping, Sequence

import msgspec
import pyarrow as pa

_WRAPPED = re.compile(r"(Nullable|LowCardinality|Array)\((.+)\)")
_DECIMAL = re.compile(r"Decimal\((\d+), (\d+)\)")
_PLAIN: Mapping[str, pa.DataType] = {
    "Bool": pa.bool_(),
    "Date": pa.date32(),
    "DateTime64(6, 'UTC')": pa.timestamp("us", "UTC"),
    "Float64": pa.float64(),
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


def arrow_table(schema: pa.Schema, rows: Sequence[msgspec.Struct]) -> pa.Table:
    """Raises ``ValueError`` for a value that its column cannot hold."""
    columns = zip(*map(msgspec.structs.astuple, rows), strict=True)
    try:
        arrays = [
            pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)
        ]
    except (pa.ArrowException, OverflowError, TypeError) as error:
        raise ValueError(f"a row does not fit its table: {error}") from error
    return pa.Table.from_arrays(arrays, schema=schema)
