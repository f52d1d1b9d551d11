"""A bucket behind the few requests of the S3 API that evidence needs, on this machine alone."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

KEY, SECRET, BUCKET = "key-of-the-tests", "secret/of+tests", "city"
PAGE = 2  # so few on a page of a listing that there are several
SIGNED = re.compile(rf"AWS4-HMAC-SHA256 Credential={KEY}/\d{{8}}/[\w-]+/s3/aws4_request, ")


@dataclass
class Bucket:
    """``address`` is what DUBAN_EVIDENCE says; ``broken`` answers everything with 500."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    broken: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        secret = SECRET.replace("/", "%2F").replace("+", "%2B")
        return f"s3+http://{KEY}:{secret}@127.0.0.1:{self.port}/{BUCKET}/evidence?region=cn-east-1"


@contextmanager
def bucket() -> Iterator[Bucket]:
    held = Bucket()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            name = self._allowed()
            if name is None:
                return None
            with held.turn:
                if self.headers.get("If-None-Match") == "*" and name in held.files:
                    return self._say(412, _problem("PreconditionFailed"))
                held.files[name] = data
            return self._say(200, b"", ETag=_tag(data))

        def do_GET(self) -> None:
            name = self._allowed()
            if name is None:
                return
            if name == "":
                self._say(200, _listing(held, parse_qs(urlsplit(self.path).query)))
            elif name in held.files:
                data = held.files[name]
                self._say(200, data, ETag=_tag(data), Last_Modified=MOMENT)
            else:
                self._say(404, _problem("NoSuchKey"))

        def _allowed(self) -> str | None:
            """The name of the file, "" for the bucket itself."""
            if held.broken:
                return self._say(500, _problem("InternalError"))
            if not SIGNED.match(self.headers.get("Authorization", "")):
                return self._say(403, _problem("AccessDenied"))
            path = unquote(urlsplit(self.path).path).strip("/")
            return path.removeprefix(BUCKET).strip("/")

        def _say(self, status: int, body: bytes, **heads: str) -> None:
            self.send_response(status)
            for name, value in heads.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        held.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield held
        finally:
            server.shutdown()
            thread.join()


MOMENT = "Wed, 25 Feb 2026 08:00:00 GMT"


def _tag(data: bytes) -> str:
    return f'"{md5(data, usedforsecurity=False).hexdigest()}"'


def _problem(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode()


def _listing(held: Bucket, asked: dict[str, list[str]]) -> bytes:
    prefix, after = asked.get("prefix", [""])[0], asked.get("continuation-token", [""])[0]
    names = sorted(name for name in held.files if name.startswith(prefix) and name > after)
    told, more = names[:PAGE], len(names) > PAGE
    found = "".join(
        f"<Contents><Key>{escape(name)}</Key><Size>{len(held.files[name])}</Size><ETag>&quot;x&quot;"
        "</ETag><LastModified>2026-02-25T08:00:00.000Z</LastModified></Contents>"
        for name in told
    )
    token = f"<NextContinuationToken>{escape(told[-1])}</NextContinuationToken>" if more else ""
    return (
        f"<?xml version='1.0'?><ListBucketResult><Name>{BUCKET}</Name><KeyCount>{len(told)}"
        f"</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>{token}{found}"
        "</ListBucketResult>"
    ).encode()
