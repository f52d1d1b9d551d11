"""Speaks to the API the way a programme of the city would."""

from itertools import count
from typing import Any

import httpx2

_numbers = count(1)


class Caller:
    """Paths stand under /api/v1. A command gets a fresh key unless it brings one."""

    def __init__(self, client: httpx2.Client, actor: str = "officer") -> None:
        self.client = client
        self.actor = actor

    def get(
        self, path: str, headers: dict[str, str] | None = None, **query: Any
    ) -> httpx2.Response:
        return self.client.get(f"/api/v1{path}", params=query, headers=headers)

    def json(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        actor: str | None = None,
        key: str | None = None,
        wait: bool = False,
        **headers: str,
    ) -> httpx2.Response:
        said = {"Actor": actor or self.actor, "Idempotency-Key": key or f"test-{next(_numbers)}"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        query = {"wait": "true"} if wait else None
        return self.client.post(f"/api/v1{path}", json=body, params=query, headers=said)

    def done(self, path: str, body: Any = None, **how: Any) -> Any:
        """The answer to a command that must not be refused, once the boards show it."""
        answer = self.post(path, body, wait=True, **how)
        assert answer.status_code in (200, 201), answer.text
        done = answer.json()
        self.catch_up(done["position"])
        return done

    def catch_up(self, position: int) -> None:
        """Wait until the boards show a position, however busy the machine is."""
        for _ in range(30):
            if self.client.get("/health").json()["read"] >= position:
                return
            self.get("/policies", after=position)  # waits up to a second
        raise AssertionError(f"the boards never showed position {position}")

    def refused(self, path: str, body: Any = None, **how: Any) -> Any:
        """The problem that a command must meet; its status is the answer's."""
        return problem(self.post(path, body, **how))


def problem(answer: httpx2.Response) -> Any:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found = answer.json()
    assert found["status"] == answer.status_code
    assert found["detail"]
    assert found["type"] == f"urn:duban:problem:{found['code']}"
    return found
