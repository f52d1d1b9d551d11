"""Ends the parts of a city at random moments while it is worked on, and looks what came of it."""

import json
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any

from domain.messages import Envelope
from domain.policies.commands import AdoptPolicy
from domain.requests import Request
from infra.bundled import preset_folder
from infra.event_store.postgres.marks import PostgresMarks
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from infra.runtime import Runtime
from streams.reacting import Refusal
from tests.support.asking import free_port
from tests.support.city_load import within
from tests.support.relays import arrived, require_each_once
from tests.support.server_city import ServerCity

TWO_OF_EACH = ("relay", "sink", "worker", "serve")
BROKER = "broker"
LATE = 900.0  # seconds, on the most loaded of machines, until everything has come to rest
LIMIT = {"amount": 30, "clock": "natural_days"}
# A problem that comes back after it was struck off: by the default ladder a slip follows.
STEPS: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("patroller", "", {"source": "patrol", "category": "1", "text": "暴露垃圾"}),
    ("officer", "/file", {"standard": "1"}),
    ("officer", "/dispatch", {"unit": "city", "limit": LIMIT}),
    ("city", "/rectify", {"note": "已整改"}),
    ("checker", "/verify", {}),
    ("officer", "/close", {}),
    ("officer", "/reopen", {"reason": "回潮"}),
)


class Killer:
    """Two of every part run and three brokers; whatever is killed is started again."""

    def __init__(self, city: ServerCity, kafka: LocalKafka, seed: int) -> None:
        self._city, self._kafka, self._random = city, kafka, Random(seed)
        self.ports = [free_port(), free_port()]
        self.kills: Counter[str] = Counter()
        self._alive: dict[str, list[subprocess.Popen[str]]] = {}
        for part in TWO_OF_EACH:
            self._alive[part] = [self._start(part, place) for place in (0, 1)]

    def kill(self, part: str) -> None:
        """One of the two, or one broker of three; and brings it back after a moment."""
        if part == BROKER:
            number = self._random.choice([node.number for node in self._kafka.nodes])
            self._kafka.kill(number)
            time.sleep(self._random.uniform(0, 3))
            self._kafka.start([number])
        else:
            place = self._random.randrange(2)
            process = self._alive[part][place]
            process.send_signal(signal.SIGKILL)
            process.wait()
            time.sleep(self._random.uniform(0, 1))
            self._alive[part][place] = self._start(part, place)
        self.kills[part] += 1

    def some(self, kills: int, pause: tuple[float, float]) -> None:
        """Every part at least once, if there are kills enough."""
        parts = [*TWO_OF_EACH, BROKER]
        order = self._random.sample(parts, len(parts))
        order += self._random.choices(parts, weights=(5, 5, 4, 4, 2), k=max(0, kills - len(parts)))
        for part in order[:kills]:
            time.sleep(self._random.uniform(*pause))
            self.kill(part)

    def _start(self, part: str, place: int) -> subprocess.Popen[str]:
        more: Sequence[object] = ("--port", self.ports[place]) if part == "serve" else ()
        return self._city.run(part, *more)


class Clerk:
    """Sends every command until some replica has answered it, always under the same key."""

    def __init__(self, ports: Sequence[int], name: str) -> None:
        self._ports, self._name = ports, name
        self._done = threading.Event()
        self.cases: list[str] = []
        self.refused: list[str] = []
        self.again = 0

    @contextmanager
    def steadily(self) -> Iterator["Clerk"]:
        working = threading.Thread(target=self._work, daemon=True)
        working.start()
        try:
            yield self
        finally:
            self._done.set()
            working.join()

    def _work(self) -> None:
        while not self._done.is_set():
            case_id = f"{self._name}{len(self.cases) + 1}"
            for number, (actor, path, body) in enumerate(STEPS):
                key = f"{case_id}/{number}"
                if path:
                    self._insist(f"/api/v1/cases/{case_id}{path}", body, actor, key)
                else:
                    self._insist("/api/v1/cases", {"case_id": case_id, **body}, actor, key)
            self.cases.append(case_id)

    def _insist(self, path: str, body: Any, actor: str, key: str) -> None:
        """Until it is answered; what has been begun is finished even when the day is over."""
        deadline, attempt = time.monotonic() + LATE, -1
        while time.monotonic() < deadline:
            attempt += 1
            status, said = post(self._ports[attempt % len(self._ports)], path, body, actor, key)
            if status in (200, 201):
                return
            if 400 <= status < 500:
                self.refused.append(f"{path}: {said}")
                return
            self.again += 1
            time.sleep(0.2)
        self.refused.append(f"{path}: never answered")


def post(port: int, path: str, body: Any, actor: str, key: str) -> tuple[int, str]:
    headers = {"Actor": actor, "Idempotency-Key": key, "Content-Type": "application/json"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:
            return 0, str(error)


def adopt(runtime: Runtime) -> None:
    """What lets slips follow; the scoring has been adopted already."""
    body = preset_folder("default")["supervision.yaml"]
    runtime.desk.handle([Request(AdoptPolicy(body=body), "office")], "supervision")


def at_rest(city: ServerCity, runtime: Runtime, marks: PostgresMarks) -> int:
    """Waits until all that follows has followed and is in the tables; the last position."""

    def quiet() -> bool:
        before = runtime.store.last_position()
        time.sleep(3.0)
        last = runtime.store.last_position()
        shown = city.rows("SELECT count() FROM events") == [(last,)]
        return last == before and shown and marks.position() >= last

    assert within(LATE, quiet), (marks.position(), marks.refused()[:3], city.logs("sink"))
    return runtime.store.last_position()


def require_nothing_lost_or_doubled(
    city: ServerCity, kafka: LocalKafka, clerk: Clerk, runtime: Runtime
) -> int:
    """In the topic, in the tables, at the desk and in what followed; how many events there are."""
    marks = PostgresMarks(city.said["DUBAN_POSTGRES"])
    last = at_rest(city, runtime, marks)
    require_each_once(arrived(kafka.bootstrap, Topics(city.said["DUBAN_TOPIC_PREFIX"])), last)
    assert city.rows("SELECT count(), uniqExact(position) FROM events") == [(last, last)]
    assert not clerk.refused, clerk.refused[:3]
    log = runtime.store.read(0, last + 1)
    require_each_done_once(log, clerk, marks.refused())
    said = city.duban("verify", timeout=600)
    assert "SOUND" in said, said
    return last


def require_each_done_once(
    log: Sequence[Envelope], clerk: Clerk, refused: Sequence[Refusal]
) -> None:
    """Every acknowledged step is there once, and what followed from it too."""
    told: dict[str, list[str]] = {}
    for envelope in log:
        if envelope.stream_id.startswith("case-") and not envelope.actor.startswith("system:"):
            told.setdefault(envelope.key, []).append(envelope.event.NAME)
    steps = ["reported", "filed", "dispatched", "rectified", "verified", "closed", "reopened"]
    for case_id in clerk.cases:
        assert told.get(case_id) == [f"case.{step}" for step in steps], case_id
    followed = [e for e in log if e.actor.startswith("system:")]
    doubled = [
        what for what, times in Counter((e.metadata.cause, e.event.NAME, e.stream_id)
                                        for e in followed).items() if times > 1
    ]  # fmt: skip
    assert not doubled, doubled[:3]
    slips = Counter(e.metadata.cause for e in followed if e.event.NAME == "slip.proposed")
    assert max(slips.values(), default=1) == 1, slips.most_common(3)
    of_cases = Counter(_of(e) for e in followed if e.event.NAME == "slip.proposed")
    wrong = {case_id: of_cases[case_id] for case_id in clerk.cases if of_cases[case_id] != 1}
    assert not wrong, (len(clerk.cases), wrong, refused[:3])


def _of(envelope: Envelope) -> str:
    """The case that a slip is about."""
    return str(getattr(envelope.event, "case_id", ""))
