"""How ClickHouse's formats are called on the wire, and where the rows begin in them."""

# A block of rows by itself is a valid piece of these: they need not be there whole to be sent.
_PIECES = {
    "CSV", "JSONCompactEachRow", "JSONCompactStringsEachRow", "JSONEachRow", "JSONLines",
    "JSONStringsEachRow", "Native", "NDJSON", "RowBinary", "TSV", "TSVRaw", "TabSeparated",
    "TabSeparatedRaw",
}  # fmt: skip
# These repeat their names (and types) in front of every piece.
_NAMED = {
    f"{name}WithNames{types}"
    for name in ("CSV", "TSV", "TabSeparated", "RowBinary", "JSONCompactEachRow")
    for types in ("", "AndTypes")
}
_TEXT = "text/plain; charset=UTF-8"


def in_pieces(name: str) -> bool:
    return name in _PIECES or name in _NAMED


def named(name: str) -> bool:
    return name in _NAMED


def heading(name: str, piece: bytes) -> int:
    """How many bytes of the first piece are names and types."""
    types = name.endswith("AndTypes")
    if name.startswith("RowBinary"):
        return _binary_heading(piece, types)
    end = 0
    for _ in range(1 + types):
        end = _line_end(piece, end, name.startswith("CSV"))
    return end


def content_type(name: str) -> str:
    if name.startswith(("JSONEachRow", "JSONLines", "NDJSON", "JSONStringsEachRow")):
        return "application/x-ndjson; charset=UTF-8"
    if name.startswith("JSON") and "EachRow" not in name:
        return "application/json; charset=UTF-8"
    if name.startswith("CSV"):
        header = "present" if "WithNames" in name else "absent"
        return f"text/csv; charset=UTF-8; header={header}"
    if name.startswith(("TSV", "TabSeparated")):
        return "text/tab-separated-values; charset=UTF-8"
    if name == "XML":
        return "application/xml; charset=UTF-8"
    if name.startswith(("Native", "RowBinary", "Parquet", "Arrow", "ORC", "Avro", "MsgPack")):
        return "application/octet-stream"
    return _TEXT


def _line_end(piece: bytes, begin: int, quoting: bool) -> int:
    """Behind the line that begins there; in CSV a line break between quotation marks ends none."""
    at, quoted = begin, False
    while at < len(piece):
        if quoting and piece[at] == 0x22:
            quoted = not quoted
        elif piece[at] == 0x0A and not quoted:
            return at + 1
        at += 1
    return at


def _binary_heading(piece: bytes, types: bool) -> int:
    columns, at = _length(piece, 0)
    for _ in range(columns * (1 + types)):
        size, at = _length(piece, at)
        at += size
    return at


def _length(piece: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = piece[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
