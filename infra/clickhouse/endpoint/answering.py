"""Runs a statement in the engine of this process and hands its answer out piece by piece."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import Any

import msgspec

from infra.clickhouse.analyst import LIMITS
from infra.clickhouse.endpoint.asking import Asked, tightened
from infra.clickhouse.endpoint.failures import SYNTAX_ERROR, Failure
from infra.clickhouse.endpoint.formats import content_type, heading, in_pieces, named
from infra.clickhouse.endpoint.handles import Handle, Handles, quoted, setting
from infra.clickhouse.endpoint.packing import Body
from infra.clickhouse.endpoint.rights import permit
from infra.clickhouse.endpoint.statements import Statement, rows_begin, statement

IN_MEMORY = 32 << 20  # bytes of an answer or of rows; what is longer waits in a file
_PIECE = 1 << 18
_SENT = 1 << 20
_LONGEST_QUESTION = 4 << 20
_DEFAULT_FORMAT = "TabSeparated"


@dataclass(slots=True)
class Answer:
    """``parts`` may fail while they are taken, after the headers are gone; then ``tag`` marks
    what went wrong. ``close`` must be called, whether all parts were taken or not."""

    headers: Mapping[str, str]
    parts: Iterator[bytes]
    tag: str
    _closing: ExitStack

    def close(self) -> None:
        self._closing.close()


class Answering:
    """Blocking: for worker threads."""

    def __init__(self, path: str) -> None:
        self._handles = Handles(path)
        handle = Handle(path, "default", {})
        self.version, self.timezone, self.name = (
            handle.run("SELECT version(), timezone(), displayName()").decode().strip().split("\t")
        )
        handle.close()

    def answer(self, asked: Asked, body: Body) -> Answer:
        """Raises ``Failure``."""
        statement, rows = read(asked, body)
        with ExitStack() as closing:
            handle = self._handle(asked, statement, closing)
            permit(asked, statement, handle)
            if rows is not None:
                found = _insert(asked, statement, handle, rows)
            else:
                found = _ask(asked, statement, handle, closing)
            return Answer(*found, _closing=closing.pop_all())

    def close(self) -> None:
        self._handles.close()

    def _handle(self, asked: Asked, statement: Statement, closing: ExitStack) -> Handle:
        if asked.session and asked.role == "sink":
            session = closing.enter_context(
                self._handles.session(asked.session, asked.session_seconds, asked.session_check)
            )
            session.prepare(asked.database, {} if _with_rows(statement) else asked.settings)
            return session.handle
        limits = LIMITS if asked.role == "analyst" else {}
        chosen = {} if _with_rows(statement) else asked.settings
        handle, key = self._handles.lend(asked.role, asked.database, tightened(limits, chosen))

        def done(kind: Any, error: Any, trace: Any) -> None:
            # What went wrong in the middle may have left something open.
            if kind is None and not handle.spoiled and "TEMPORARY" not in statement.words:
                self._handles.give_back(key, handle)
            else:
                handle.close()

        closing.push(done)
        return handle


def read(asked: Asked, body: Body) -> tuple[Statement, Body | None]:
    """The statement, and where its rows are read from if it brings some."""
    head = asked.query.encode() + b"\n" if asked.body_is_rows else b""
    if not (found := rows_begin(head)):
        head += body.read(_LONGEST_QUESTION - len(head))
        found = rows_begin(head)
    if found is not None:
        insert, begin = found
        return insert, _After(head[begin:], body)
    if len(head) >= _LONGEST_QUESTION:
        raise Failure((307, "TOO_MANY_BYTES"), "The question is longer than 4 MiB")
    try:
        text = head.decode()
    except UnicodeDecodeError:
        raise Failure(SYNTAX_ERROR, "Syntax error: the question is not UTF-8") from None
    return statement(text), None


def _with_rows(statement: Statement) -> bool:
    """Its settings go into the statement itself: the token of every insert is another."""
    return (
        statement.first == "INSERT" and bool(statement.format) and "SETTINGS" not in statement.words
    )


def _insert(
    asked: Asked, statement: Statement, handle: Handle, rows: Body
) -> tuple[Mapping[str, str], Iterator[bytes], str]:
    """By way of a file: what goes wrong at the end of an insert that the engine is given piece by
    piece, such as a full disk, it tells nobody."""
    settings = ""
    if asked.settings and _with_rows(statement):
        settings = " SETTINGS " + ", ".join(setting(n, v) for n, v in asked.settings.items())
    with NamedTemporaryFile(prefix="duban-rows-") as file:
        while part := rows.read(_SENT):
            file.write(part)
        file.flush()
        insert = statement.rows_from(f"FROM INFILE {quoted(file.name)} COMPRESSION 'none'")
        try:
            done = handle.connection.query(f"{insert}{settings} FORMAT {statement.format}", "Null")
        except RuntimeError as error:
            raise Failure.told(error) from error
        return _headers("", written=done.rows_read(), took=done.elapsed()), iter(()), ""


def _ask(
    asked: Asked, statement: Statement, handle: Handle, closing: ExitStack
) -> tuple[Mapping[str, str], Iterator[bytes], str]:
    chosen = statement.format or asked.default_format or _DEFAULT_FORMAT
    if not statement.answers:
        handle.run(statement.text, chosen, asked.params)
        return _headers(""), iter(()), ""
    rows_alone = "TOTALS" not in statement.words and "extremes" not in asked.settings
    if not (statement.selects and rows_alone and in_pieces(chosen)):
        return _whole(asked, statement, handle, chosen)
    parts = _pieces(asked, statement, handle, chosen, closing)
    if asked.whole:
        kept = closing.enter_context(SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
        for part in parts:
            kept.write(part)
        size = kept.tell()
        kept.seek(0)
        return _headers(chosen, size=size), iter(lambda: kept.read(_SENT), b""), ""
    first = next(parts, b"")  # what is wrong is mostly wrong before the first row
    return _headers(chosen), _after(first, parts), secrets.token_hex(8)


def _pieces(
    asked: Asked, statement: Statement, handle: Handle, chosen: str, closing: ExitStack
) -> Iterator[bytes]:
    try:
        stream = handle.connection.send_query(statement.text, chosen, params=dict(asked.params))
    except RuntimeError as error:
        raise Failure.told(error) from error
    closing.callback(stream.close)
    handle.spoiled = True
    skipped = 0
    try:
        for count, piece in enumerate(stream):
            data = piece.bytes()
            yield data[skipped:] if count else data
            if not count and named(chosen):
                skipped = heading(chosen, data)
    except RuntimeError as error:
        raise Failure.told(error) from error
    handle.spoiled = False
    if not skipped and named(chosen):  # no rows: their names at least
        yield handle.run(statement.text, chosen, asked.params)


def _whole(
    asked: Asked, statement: Statement, handle: Handle, chosen: str
) -> tuple[Mapping[str, str], Iterator[bytes], str]:
    """In one piece, which stays where the engine put it while it is sent."""
    try:
        result = handle.connection.query(statement.text, chosen, params=dict(asked.params))
    except RuntimeError as error:
        raise Failure.told(error) from error
    headers = _headers(
        chosen,
        read=result.storage_rows_read(),
        read_bytes=result.storage_bytes_read(),
        rows=result.rows_read(),
        size=result.size(),
        took=result.elapsed(),
    )
    return headers, _slices(result), ""


def _slices(result: Any) -> Iterator[bytes]:
    if result.size():
        # Both stay in reach until the end: the memory is theirs, and the view does not hold them.
        memory = result.get_memview()
        view = memory.view()
        for at in range(0, len(view), _PIECE):
            yield bytes(view[at : at + _PIECE])
        del view, memory


def _headers(
    chosen: str, *, read: int = 0, read_bytes: int = 0, written: int = 0, rows: int = 0,
    size: int = 0, took: float = 0.0,
) -> dict[str, str]:  # fmt: skip
    summary = {
        "read_rows": read,
        "read_bytes": read_bytes,
        "written_rows": written,
        "written_bytes": 0,
        "total_rows_to_read": 0,
        "result_rows": rows,
        "result_bytes": size,
        "elapsed_ns": int(took * 1e9),
    }
    told = msgspec.json.encode({name: str(value) for name, value in summary.items()}).decode()
    headers = {"X-ClickHouse-Summary": told}
    if chosen:
        headers |= {"X-ClickHouse-Format": chosen, "Content-Type": content_type(chosen)}
    return headers


def _after(first: bytes, others: Iterable[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from others


class _After:
    """What was read already, then the body."""

    def __init__(self, begun: bytes, body: Body) -> None:
        self._begun = begun
        self._body = body

    def read(self, size: int = -1, /) -> bytes:
        if self._begun:
            begun, self._begun = self._begun, b""
            return begun
        return self._body.read(size)
