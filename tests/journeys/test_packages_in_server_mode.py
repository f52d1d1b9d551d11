"""A package comes out of PostgreSQL, Kafka and ClickHouse as it comes out of one directory."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.cities import synthetic
from tests.support.packages import busiest, codes, files_in, log_key
from tests.support.server_city import ServerCity, served

pytestmark = pytest.mark.services


@pytest.fixture
def city(tmp_path: Path, postgres: str, kafka: LocalKafka, topics: Topics) -> Iterator[ServerCity]:
    with served(tmp_path / "server", postgres, kafka.bootstrap, topics.prefix, workers=0) as city:
        yield city


def test_a_package_of_the_server_mode_verifies_with_its_key_alone(
    city: ServerCity, tmp_path: Path
) -> None:
    synthetic(tmp_path / "embedded")
    city.stop("relay", "sink")
    city.duban("copy-store", "--data", tmp_path / "embedded")
    key_file = tmp_path / "log.key"
    city.said["DUBAN_SIGNING_KEY"] = str(key_file)
    key = city.duban("keys", "make").strip()
    city.run("relay")
    city.run("sink")
    file = tmp_path / "case.zip"
    with city.opened() as runtime:
        runtime.catch_up()
        case, unit = busiest(runtime), busiest(runtime, "unit")
        assert log_key(runtime) == key
    for kind, name in (("case", case), ("unit", unit)):
        city.duban(kind, "export", name, "-o", file, timeout=300)
        assert codes(file.read_bytes(), [key]) == []
        told = json.loads(files_in(file.read_bytes())["manifest.json"])
        assert (told["kind"], told["id"]) == (kind, name)
