"""What a process tells those who watch it: ``/metrics``, ``/healthz`` and ``/readyz``."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from domain.errors import Refused

# What keeps the process from doing its work at the moment; nothing: it does it.
Trouble = Callable[[], str]


@contextmanager
def serve_metrics(
    port: int | None,
    trouble: Trouble,
    host: str = "127.0.0.1",
    registry: CollectorRegistry = REGISTRY,
) -> Iterator[int]:
    """Serves until the block ends, in threads of its own; yields the port, which is chosen for 0.
    None serves nothing. Raises ``Refused`` (``metrics.port``)."""
    if port is None:
        yield 0
        return
    try:
        server = ThreadingHTTPServer((host, port), _answering(trouble, registry))
    except (OSError, OverflowError) as error:
        raise Refused(
            "metrics.port",
            f"cannot serve metrics on {host}:{port} ({error}): choose another with --metrics-port",
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answering(trouble: Trouble, registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server looks for
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
                case "/healthz":
                    self._tell(200, "")
                case "/readyz":
                    problem = trouble()
                    self._tell(503 if problem else 200, problem)
                case _:
                    self._tell(404, "there are /metrics, /healthz and /readyz")

        def _tell(self, status: int, problem: str) -> None:
            said = {"status": "ok" if status == 200 else "trouble", "problem": problem}
            self._answer(status, json.dumps(said).encode(), "application/json")

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: whoever watches asks every few seconds."""

    return Answering
