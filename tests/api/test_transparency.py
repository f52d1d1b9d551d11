"""Proofs over HTTP: checked here from what is published, and from nothing else."""

import base64
import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from infra.transparency.signing import make_key, verify
from projections.transparency.checkpoints import cosigned, read_checkpoint, timed
from projections.transparency.merkle import is_consistent, root_by_inclusion
from projections.transparency.notes import COSIGNATURE, ED25519, Note, Signature, parse_key
from projections.transparency.trust import KeyEntry, Trust
from streams.notary import hashed
from tests.api.caller import Caller, problem
from tests.api.conftest import UNITS
from tests.support.signed_logs import WITNESS


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("signed") / "data", checkpoint_seconds=1)
    runtime = embedded(settings)
    yield runtime
    runtime.close()


@pytest.fixture(scope="module")
def asked(city: Runtime) -> Iterator[Caller]:
    with TestClient(create_app(city.services), base_url="http://127.0.0.1") as client:
        yield Caller(client)


@pytest.fixture(scope="module")
def signed(city: Runtime, asked: Caller) -> Caller:
    """With a key, its units, and a checkpoint over them."""
    for unit in UNITS:
        asked.done("/units", {"code": unit["unit_id"], "peer_group": unit["kind"], **unit})
    assert asked.get("/log/checkpoint").status_code == 404
    origin = f"city/{city.store.store_id()}"
    key = make_key(city.settings.key_file, origin, ED25519).key
    city.kept.ledger.keep_key(KeyEntry(str(key), 1))
    assert city.kept.notary.issue() is not None
    return asked


def raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def test_a_checkpoint_is_signed_by_the_published_key(signed: Caller) -> None:
    answer = signed.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    note, checkpoint = read_checkpoint(answer.text)
    (key,) = signed.json("/log/keys")["keys"]
    assert parse_key(key).name == checkpoint.origin
    assert Trust([KeyEntry(key, 0)], verify).signed(note, checkpoint)
    again = signed.get("/log/checkpoint", size=checkpoint.size)
    assert again.text == answer.text


def test_every_event_is_proven_to_be_in_the_checkpoint(signed: Caller, city: Runtime) -> None:
    _, checkpoint = read_checkpoint(signed.get("/log/checkpoint").text)
    for event in city.store.read_raw(0, checkpoint.size):
        proof = signed.json("/log/proof", position=event[0], size=checkpoint.size)
        assert raw(proof["leaf"]) == hashed(event)
        hashes = [raw(text) for text in proof["hashes"]]
        root = root_by_inclusion(proof["index"], proof["size"], hashed(event), hashes)
        assert root == raw(proof["root"]) == checkpoint.root
        assert read_checkpoint(proof["checkpoint"])[1] == checkpoint


def test_later_checkpoints_continue_earlier_ones(signed: Caller, city: Runtime) -> None:
    _, old = read_checkpoint(signed.get("/log/checkpoint").text)
    report = {"source": "patrol", "category": "litter", "text": "x", "place": {"grid": "lake-1"}}
    signed.done("/cases", {"case_id": "T1", **report})
    city.kept.notary.issue()
    _, new = read_checkpoint(signed.get("/log/checkpoint").text)
    assert new.size > old.size
    found = signed.json("/log/consistency", **{"from": old.size, "to": new.size})
    hashes = [raw(text) for text in found["hashes"]]
    assert is_consistent(old.size, new.size, old.root, new.root, hashes)
    assert found == signed.json("/log/consistency", **{"from": old.size})


def test_a_checkpoint_comes_by_itself_after_the_interval(signed: Caller) -> None:
    _, old = read_checkpoint(signed.get("/log/checkpoint").text)
    report = {"source": "patrol", "category": "litter", "text": "x", "place": {"grid": "lake-1"}}
    position = signed.done("/cases", {"case_id": "T2", **report})["position"]
    for _ in range(100):
        _, new = read_checkpoint(signed.get("/log/checkpoint").text)
        if new.size >= position:
            return
        time.sleep(0.1)
    raise AssertionError(f"no checkpoint after {old.size}")


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/log/proof", {"position": 1, "size": 10**9}, 400, "proof.impossible"),
        ("/log/proof", {"position": 10**9}, 400, "proof.impossible"),
        ("/log/proof", {"position": 0}, 422, "request.invalid"),
        ("/log/proof", {}, 422, "request.invalid"),
        ("/log/consistency", {"from": 9, "to": 8}, 400, "proof.impossible"),
        ("/log/consistency", {"from": 1, "to": 10**9}, 400, "proof.impossible"),
        ("/log/checkpoint", {"size": 3}, 404, "log.no_checkpoint"),
    ],
)
def test_what_cannot_be_proven_is_refused(
    path: str, query: dict[str, int], status: int, code: str, signed: Caller
) -> None:
    answer = signed.get(path, **query)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)


def test_only_a_trusted_witness_adds_a_signature(signed: Caller, city: Runtime) -> None:
    note, checkpoint = read_checkpoint(signed.get("/log/checkpoint").text)
    told = timed(1, WITNESS.sign(cosigned(note.text, 1)))
    line = Signature(WITNESS.key.name, WITNESS.key.id, told)
    body = {"note": str(Note(note.text, (line,)))}
    post = signed.client.post
    assert problem(post("/api/v1/log/cosignatures", json=body))["code"] == "witness.unknown"
    assert WITNESS.key.kind == COSIGNATURE
    city.kept.ledger.keep_key(KeyEntry(str(WITNESS.key), 1))
    assert post("/api/v1/log/cosignatures", json=body).json() == {"added": 1}
    assert post("/api/v1/log/cosignatures", json=body).json() == {"added": 0}
    assert str(line) in signed.get("/log/checkpoint", size=checkpoint.size).text
    for half in ("", "x", body["note"][:-9]):
        answer = post("/api/v1/log/cosignatures", json={"note": half})
        assert problem(answer)["code"] == "note.unreadable"


def test_a_key_that_was_revoked_signs_nothing_more_and_health_says_so(
    signed: Caller, city: Runtime
) -> None:
    _, checkpoint = read_checkpoint(signed.get("/log/checkpoint").text)
    (key,) = [entry.key for entry in city.kept.ledger.key_list() if "city/" in entry.key]
    city.kept.ledger.keep_key(KeyEntry(key, 2, "revoked", checkpoint.size))
    report = {"source": "patrol", "category": "litter", "text": "x", "place": {"grid": "lake-1"}}
    signed.done("/cases", {"case_id": "T3", **report})
    for _ in range(100):
        health = signed.client.get("/health").json()
        if health["status"] == "trouble":
            break
        time.sleep(0.1)
    assert "duban keys list" in health["trouble"]
    assert read_checkpoint(signed.get("/log/checkpoint").text)[1] == checkpoint
