"""The same city in both modes: the same stories, the same tables, as many replicas as one likes."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.cases import commands as c
from domain.cases.events import Limit
from domain.policies.commands import AdoptPolicy
from domain.ports import Clock
from domain.requests import Request
from domain.units.commands import RegisterUnit
from infra.bundled import preset_folder
from infra.clickhouse.engine import ChdbEngine, Engine
from infra.clickhouse.http_engine import HttpEngine
from infra.clickhouse.tables import physical
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from infra.runtime import Runtime
from infra.server import server
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from tests.journeys.test_presets_lists import THREE, actions, black_boards, hand_over
from tests.support.cities import synthetic
from tests.support.importing import YEAR_2012
from tests.support.preset_cities import told
from tests.support.program import duban
from tests.support.relays import eventually
from tests.support.replicas import Replica
from tests.support.server_city import ServerCity, served

pytestmark = pytest.mark.services

# A row as text, so that NULLs and arrays count like everything else.
ROWS = "SELECT count(), sum(cityHash64(formatRowNoNewline('JSONCompactEachRow', *))) FROM {} FINAL"
SOON = 60.0


@pytest.fixture
def city(tmp_path: Path, postgres: str, kafka: LocalKafka, topics: Topics) -> Iterator[ServerCity]:
    with served(tmp_path / "server", postgres, kafka.bootstrap, topics.prefix, workers=0) as city:
        yield city


def told_by(engine: Engine) -> dict[str, tuple[Any, ...]]:
    """Of every table the number of its rows and a sum over all that they say."""
    with closing(engine), engine.client() as client:
        return {
            projection.table: client.query(ROWS.format(physical(projection))).result_rows[0]
            for projection in PROJECTIONS
        }


def require_same_tables(city: ServerCity, data: Path) -> int:
    """Row for row as the embedded city in ``data`` has them; how many rows that are."""
    city.stop("relay", "sink")  # a store that is copied is another one from then on
    city.duban("copy-store", "--data", data)
    city.run("relay")
    city.run("sink")
    with city.opened() as runtime:
        runtime.catch_up()
    here = told_by(ChdbEngine(Settings(data_dir=data).tables_dir))
    assert told_by(HttpEngine(city.said["DUBAN_CLICKHOUSE"])) == here
    return sum(count for count, _ in here.values())


def test_a_made_up_city_has_the_same_tables_in_both_modes(city: ServerCity, tmp_path: Path) -> None:
    synthetic(tmp_path / "embedded", days=9)
    assert require_same_tables(city, tmp_path / "embedded") > 10_000


def test_a_year_of_inspections_has_the_same_tables_in_both_modes(
    city: ServerCity, tmp_path: Path
) -> None:
    data = tmp_path / "embedded"
    done = duban("import", YEAR_2012, "--mapping", "dinesafe", "--data", data, timeout=300)
    assert done.returncode == 0, done.stderr
    assert require_same_tables(city, data) > 100_000
    for asked in (["rank", "2012-06"], ["policy", "list"]):
        assert city.duban(*asked) == duban(*asked, "--data", data).stdout


def test_an_import_in_server_mode_is_the_import_of_the_embedded_mode(
    city: ServerCity, tmp_path: Path
) -> None:
    table = tmp_path / "requests.csv"
    table.write_bytes((Path(__file__).parents[1] / "data/service-requests.csv").read_bytes())
    asked = ["import", table, "--mapping", "service-requests"]
    there = city.duban(*asked)
    here = duban(*asked, "--data", tmp_path / "embedded").stdout
    assert there.splitlines()[:2] == here.splitlines()[:2]
    sql = (
        "SELECT * EXCEPT (recorded_at, leaf_hash, event_id) FROM events "
        "WHERE stream_kind != 'access' ORDER BY position"
    )
    embedded = duban("query", sql, "--data", tmp_path / "embedded").stdout
    assert city.duban("query", sql) == embedded
    assert len(embedded.splitlines()) > 40


def test_two_black_boards_lead_to_a_receipted_referral_in_server_mode(
    city: ServerCity, tmp_path: Path
) -> None:
    def opening(settings: Settings, clock: Clock) -> Runtime:
        return server(replace(city.settings, data_dir=settings.data_dir), clock)

    with told(tmp_path, "qinhuangdao", THREE, "2026-02-23 08:00", opening=opening) as story:
        black_boards(story)
        assert actions(story)[-1] == ("referred", "d1", "市纪委监委")
        hand_over(story, list(story.proposed("accountability"))[-1])
        listed = "SELECT count() FROM listings WHERE status IN ('published', 'expired')"
        assert story.rows(listed) == [(6,)]


def test_every_replica_shows_what_was_done_at_another(city: ServerCity) -> None:
    """Commands, policies, live changes and the first answer to a repeated key."""
    here, there = Replica(city), Replica(city)
    unit = {"unit_id": "c", "code": "c", "name": "市", "kind": "city", "timezone": "Asia/Shanghai"}
    here.act("/units", unit, "city")
    scoring = preset_folder("default")["scoring.yaml"]
    there.act("/policies", {"body": scoring, "occurred_at": "2020-01-01T00:00:00Z"}, "policy")
    report = {"case_id": "A1", "source": "patrol", "category": "litter", "text": "垃圾满溢"}
    first = here.act("/cases", report, "report", "?wait=true")
    again = there.act("/cases", report, "report", "?wait=true")
    assert (again["position"], again["replayed"]) == (first["position"], True)
    filed = there.act("/cases/A1/file", {"standard": "1"}, "file")
    status, case = here.ask("GET", f"/api/v1/cases/A1?after={filed['position']}")
    assert (status, case["status"]) == (200, "filed")
    for replica in (here, there):
        replica.heard("case-A1")
        adopted = replica.ask("GET", "/api/v1/policies")[1]
        assert [policy["policy_id"] for policy in adopted] == ["default"]
    events = city.rows("SELECT policies FROM events WHERE stream_id = 'case-A1' ORDER BY version")
    assert len({tuple(row[0]) for row in events}) == 1  # type: ignore[arg-type]
    assert events[0][0], "the case was not judged by the policy that another replica adopted"
    assert city.stop("serve") < 5.0
    for replica in (here, there):
        replica.listening.join()


def test_a_worker_proposes_what_follows_and_marks_what_is_due(city: ServerCity) -> None:
    """From an event at an API replica to the proposal at the desk, by two workers of whom one
    leads; when it is killed the other one goes on."""
    workers = [city.run("worker"), city.run("worker")]
    with city.opened() as runtime:

        def do(key: str, *requests: Request) -> None:
            runtime.desk.handle(list(requests), key)

        texts = preset_folder("default").values()
        do("policies", *(Request(AdoptPolicy(body=text), "office") for text in texts))
        founded(do)
        reopened(do, "A1")
        proposed(runtime, 1)
        leading = next(
            number for number in (0, 1)
            if "leading the reactions" in (city.folder / f"worker.{number}.log").read_text()
        )  # fmt: skip
        workers[leading].kill()
        workers[leading].wait()
        reopened(do, "A2")
        proposed(runtime, 2)
        causes = [e.metadata.cause for e in runtime.store.load_kind("slip")]
        assert len(causes) == len(set(causes)) == 2


def founded(do: Any) -> None:
    city: Any = {"unit_id": "city", "code": "city", "name": "市", "kind": "city"}
    do("city", Request(RegisterUnit(**city, timezone="Asia/Shanghai"), "office"))


def reopened(do: Any, case_id: str) -> None:
    """A problem that came back after it was struck off: a slip follows by the default ladder."""
    key: Any = {"case_id": case_id}
    for number, (actor, command) in enumerate(
        (
            ("patroller", c.ReportCase(**key, source="patrol", category="1", text="暴露垃圾")),
            ("officer", c.FileCase(**key, standard="1")),
            ("officer", c.DispatchCase(**key, unit="city", limit=Limit(1, "natural_days"))),
            ("city", c.RectifyCase(**key, note="已整改")),
            ("checker", c.VerifyCase(**key)),
            ("officer", c.CloseCase(**key)),
            ("officer", c.ReopenCase(**key, reason="回潮")),
        )
    ):
        do(f"{case_id}/{number}", Request(command, actor))


def proposed(runtime: Runtime, slips: int) -> None:
    """Waits for what a worker proposes."""
    eventually(lambda: len(runtime.store.load_kind("slip")) == slips, SOON)
