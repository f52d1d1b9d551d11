"""Evidence in server mode: replicas share a bucket, and what is changed in it is found."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from infra.evidence.places import path_of
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.object_storage import Bucket, bucket
from tests.support.pictures import jpeg
from tests.support.program import duban
from tests.support.replicas import Replica
from tests.support.server_city import ServerCity, served

pytestmark = pytest.mark.services

UNIT = {"unit_id": "c", "code": "c", "name": "市", "kind": "city", "timezone": "Asia/Shanghai"}
REPORT = {"case_id": "A1", "source": "patrol", "category": "litter", "text": "垃圾满溢"}


@pytest.fixture
def held() -> Iterator[Bucket]:
    with bucket() as made:
        yield made


@pytest.fixture
def city(
    tmp_path: Path, postgres: str, kafka: LocalKafka, topics: Topics, held: Bucket
) -> Iterator[ServerCity]:
    with served(tmp_path / "server", postgres, kafka.bootstrap, topics.prefix, workers=0) as city:
        city.said |= {"DUBAN_EVIDENCE": held.address}
        yield city


def send(replica: Replica, photo: bytes) -> tuple[str, int]:
    """Its digest and where in the log that stands."""
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
    asked = Request(
        f"http://127.0.0.1:{replica.port}/api/v1/cases/A1/evidence",
        part + photo + b"\r\n--x--\r\n",
        {"Content-Type": "multipart/form-data; boundary=x", "Actor": "o", "Idempotency-Key": "e"},
    )
    with urlopen(asked) as answer:
        said = json.load(answer)
    return said["evidence"][0]["digest"], said["done"]["position"]


def test_what_one_replica_took_in_another_shows_and_verify_watches(
    city: ServerCity, held: Bucket
) -> None:
    here, there = Replica(city), Replica(city)
    here.act("/units", UNIT, "city")
    here.act("/cases", REPORT, "report")
    photo = jpeg(place=True)
    digest, position = send(here, photo)
    assert digest == hashlib.sha256(photo).hexdigest()
    name = f"evidence/{path_of(digest)}"
    assert held.files[name] == photo
    address = f"http://127.0.0.1:{there.port}/api/v1/evidence/{digest}"
    there.heard("case-A1")
    with urlopen(f"{address}?after={position}") as answer:
        assert answer.read() == photo
    rows = city.rows("SELECT case_id, digest, latitude FROM evidence")
    assert rows == [("A1", digest, 30.258333)]
    assert "3 evidence files" in city.duban("evidence", "check")
    city.stop("serve")
    held.files[name] = jpeg("red")
    told = duban("verify", said=city.said)
    assert told.returncode == 1, told.stderr
    assert f"WRONG: evidence {digest} of case A1 (event {position}) is changed" in told.stdout
    assert "s3://city/evidence" in told.stdout
    for replica in (here, there):
        replica.listening.join()
