"""A ClickHouse-compatible HTTP interface to the engine in this process."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar, cast

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from domain.errors import Refused
from infra.clickhouse.endpoint.accounts import Accounts, Role
from infra.clickhouse.endpoint.answering import IN_MEMORY, Answer, Answering
from infra.clickhouse.endpoint.asking import Asked, asked
from infra.clickhouse.endpoint.failures import (
    CANNOT_DECOMPRESS,
    NOT_IMPLEMENTED,
    TOO_MANY,
    UNRECORDED,
    Failure,
)
from infra.clickhouse.endpoint.packing import (
    Body,
    blocks,
    chosen_encoding,
    from_blocks,
    packing,
    unpacked,
)

# Threads, and how many may wait for one: long questions of analysts never keep the sink waiting.
THREADS: Mapping[Role, int] = {"analyst": 4, "sink": 8}
WAITING = 64
LONGEST_BODY = 4 << 30
LONGEST_NOTED = 64 << 10
Record = Callable[[str], None]
Found = TypeVar("Found")


def unrecorded(question: str) -> None:
    """For tables without a log beside them: measurements, and tests of the endpoint itself."""


class Crews:
    """The threads that ask the engine, a crew for each account."""

    def __init__(self) -> None:
        self._crews = {
            role: ThreadPoolExecutor(n, f"clickhouse-{role}") for role, n in THREADS.items()
        }
        self._waiting = dict.fromkeys(THREADS, 0)

    async def run(self, role: Role, work: Callable[..., Found], *given: Any) -> Found:
        if self._waiting[role] >= THREADS[role] + WAITING:
            raise Failure(TOO_MANY, f"Too many simultaneous queries. Maximum: {WAITING}")
        self._waiting[role] += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._crews[role], work, *given)
        finally:
            self._waiting[role] -= 1

    def close(self) -> None:
        for crew in self._crews.values():
            crew.shutdown(wait=True, cancel_futures=True)


def create_endpoint(path: str, accounts: Accounts, record: Record = unrecorded) -> Starlette:
    """``path``: the directory that an open ``ChdbEngine`` of this process owns. ``record`` notes
    what an analyst asks before it is answered."""
    endpoint = Endpoint(path, accounts, record)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        endpoint.close()

    return Starlette(
        routes=[
            Route("/ping", endpoint.ping, methods=["GET", "HEAD"]),
            Route("/replicas_status", endpoint.ping, methods=["GET", "HEAD"]),
            Route("/", endpoint.ask, methods=["GET", "POST", "HEAD"]),
        ],
        lifespan=lifespan,
    )


class Endpoint:
    def __init__(self, path: str, accounts: Accounts, record: Record) -> None:
        self._accounts = accounts
        self._record = record
        self._answering = Answering(path)
        self._crews = Crews()

    def close(self) -> None:
        self._crews.close()
        self._answering.close()

    async def ping(self, request: Request) -> Response:
        return PlainTextResponse("Ok.\n", headers=self._about(""))

    async def ask(self, request: Request) -> Response:
        query_id = request.query_params.get("query_id") or str(uuid.uuid4())
        try:
            return await self._ask(request, query_id)
        except Failure as failure:
            return self._told(failure, query_id)

    async def _ask(self, request: Request, query_id: str) -> Response:
        given = dict(request.query_params)
        role = self._accounts.role(request.headers, given)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            given |= await _form(request)
        if request.method in ("GET", "HEAD") and not given.get("query"):
            return PlainTextResponse("Ok.\n", headers=self._about(query_id))
        question = asked(role, request.method, given, request.headers, query_id)
        with cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY)) as body:
            if "multipart" not in request.headers.get("content-type", ""):
                await _collect(request, body)
            encoding = request.headers.get("content-encoding", "").lower()
            framed = given.get("decompress") == "1"
            answer = await self._crews.run(role, self._answer, question, body, encoding, framed)
        return self._sent(request, question, answer)

    def _answer(self, question: Asked, body: IO[bytes], encoding: str, framed: bool) -> Answer:
        try:
            if question.role == "analyst":
                self._note(question, body, encoding)
            plain: Body = unpacked(body, encoding)
            return self._answering.answer(question, from_blocks(plain) if framed else plain)
        except OSError as error:
            raise Failure(CANNOT_DECOMPRESS, f"Cannot decompress: {error}") from error

    def _note(self, question: Asked, body: IO[bytes], encoding: str) -> None:
        """The question is in the address, in the body, or begins in one and ends in the other."""
        said = b"" if encoding else body.read(LONGEST_NOTED)
        body.seek(0)
        try:
            self._record(f"{question.query} {said.decode('utf-8', 'replace')}".strip())
        except Refused as refusal:
            raise Failure(UNRECORDED, refusal.message) from refusal

    def _sent(self, request: Request, question: Asked, answer: Answer) -> Response:
        headers = {**self._about(question.query_id), **answer.headers}
        parts: Iterator[bytes] = _with_exception(answer, self._answering.version)
        if question.framed:
            parts = blocks(parts)
        elif (
            "X-ClickHouse-Format" in headers
            and request.query_params.get("enable_http_compression") != "0"
            and (encoding := chosen_encoding(request.headers.get("accept-encoding", "")))
        ):
            parts = packing(encoding)(parts)
            headers["Content-Encoding"] = encoding
        if answer.tag:
            headers["X-ClickHouse-Exception-Tag"] = answer.tag
        steps = _Steps(parts, answer)
        return StreamingResponse(self._stepping(question.role, steps), headers=headers)

    async def _stepping(self, role: Role, steps: "_Steps") -> AsyncIterator[bytes]:
        try:
            while (part := await self._crews.run(role, steps.next)) is not None:
                yield part
        finally:
            # Not awaited: whoever went away does not wait, and the thread ends its step first.
            asyncio.get_running_loop().run_in_executor(None, steps.close)

    def _told(self, failure: Failure, query_id: str) -> Response:
        headers = self._about(query_id) | {"X-ClickHouse-Exception-Code": str(failure.code)}
        if failure.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
        text = failure.text(self._answering.version)
        return PlainTextResponse(text, failure.status, headers)

    def _about(self, query_id: str) -> dict[str, str]:
        about = {
            "X-ClickHouse-Server-Display-Name": self._answering.name,
            "X-ClickHouse-Timezone": self._answering.timezone,
        }
        return about | ({"X-ClickHouse-Query-Id": query_id} if query_id else {})


class _Steps:
    """One part at a time, and the end only after the step that is being taken."""

    def __init__(self, parts: Iterator[bytes], answer: Answer) -> None:
        self._parts = parts
        self._answer = answer
        self._turn = threading.Lock()
        self._closed = False

    def next(self) -> bytes | None:
        with self._turn:
            part = None if self._closed else next(self._parts, None)
            if part is None:  # before the client hears the end, its session is free again
                self._closed = True
                self._answer.close()
            return part

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._answer.close()


def _with_exception(answer: Answer, version: str) -> Iterator[bytes]:
    """What goes wrong after the headers are gone is written behind the rows, as a server does."""
    try:
        yield from answer.parts
    except Failure as failure:
        text = failure.text(version).encode()
        mark = answer.tag.encode()
        yield b"\r\n__exception__\r\n%b\r\n%b%d %b\r\n__exception__\r\n" % (
            mark, text, len(text), mark,
        )  # fmt: skip


async def _collect(request: Request, body: IO[bytes]) -> None:
    """All of it, before anything is begun: rows of a client that dies on the way never count."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_BODY:
            raise Failure((307, "TOO_MANY_BYTES"), "The body is longer than 4 GiB")
        if size > IN_MEMORY:
            await asyncio.to_thread(body.write, part)
        else:
            body.write(part)
    body.seek(0)


async def _form(request: Request) -> dict[str, str]:
    found = {}
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile) and value.filename:
                raise Failure(NOT_IMPLEMENTED, "External data is not supported: use WITH or VALUES")
            found[name] = (
                (await value.read()).decode() if isinstance(value, UploadFile) else str(value)
            )
    return found
