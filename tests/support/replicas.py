"""A replica of the API as the programmes of a city see it."""

import http.client
import json
import queue
import threading
import time
from contextlib import closing
from typing import Any

from tests.support.server_city import ServerCity

SOON = 60.0


class Replica:
    """One ``duban serve`` of several; what its open stream of changes tells is kept."""

    def __init__(self, city: ServerCity) -> None:
        process = city.run("serve", "--port", "0")
        self.host, port = city.address_of(process, "serve").removeprefix("http://").split(":")
        self.port = int(port)
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        self.listening = threading.Thread(target=self._listen, daemon=True)
        self.listening.start()
        self.told.get(timeout=SOON)

    def ask(self, method: str, path: str, body: Any = None, **said: str) -> tuple[int, Any]:
        with closing(http.client.HTTPConnection(self.host, self.port, timeout=SOON)) as connection:
            headers = {name.replace("_", "-"): value for name, value in said.items()}
            content = None if body is None else json.dumps(body)
            kind = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, content, {**kind, **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def act(self, path: str, body: Any, key: str, query: str = "", **said: str) -> Any:
        said = {"Actor": "officer", "Idempotency_Key": key, **said}
        status, done = self.ask("POST", f"/api/v1{path}{query}", body, **said)
        assert status in (200, 201), done
        return done

    def heard(self, stream: str) -> None:
        """Waits for the news of a stream."""
        deadline = time.monotonic() + SOON
        while stream not in self.told.get(timeout=SOON)["streams"]:
            assert time.monotonic() < deadline, f"no news of {stream}"

    def _listen(self) -> None:
        with closing(http.client.HTTPConnection(self.host, self.port)) as connection:
            connection.request("GET", "/api/v1/live")
            with connection.getresponse() as answer:
                while line := answer.readline():
                    if line.startswith(b"data:"):
                        self.told.put(json.loads(line[5:]))
