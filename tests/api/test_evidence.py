"""Evidence over HTTP: sent in, recorded, handed out as it came, and never shown by accident."""

import hashlib
import io
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from api.attaching import MOST_FILES
from infra.evidence.places import path_of
from infra.runtime import Runtime
from tests.api.caller import Caller, problem
from tests.support.pictures import drawn, jpeg, mp4, pdf

KEYS = count(1)
REPORT = {"source": "patrol", "category": "0110", "text": "垃圾", "place": {"grid": "lake-1"}}
Sent = Sequence[tuple[str, bytes]]


@pytest.fixture(scope="module")
def case(api: Caller) -> str:
    api.done("/cases", {"case_id": "E1", **REPORT})
    return "E1"


def send(
    api: Caller, case: str, *files: tuple[str, bytes], key: str = "", **fields: str
) -> Response:
    heads = {"Actor": "officer", "Idempotency-Key": key or f"evidence-{next(KEYS)}"}
    parts = [("files", (name, data, "application/octet-stream")) for name, data in files]
    return api.client.post(
        f"/api/v1/cases/{case}/evidence?wait=true", files=parts, data=fields, headers=heads
    )


def sent(api: Caller, case: str, *files: tuple[str, bytes], **how: str) -> list[dict[str, Any]]:
    answer = send(api, case, *files, **how)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    api.catch_up(said["done"]["position"])
    found: list[dict[str, Any]] = said["evidence"]
    return found


def stored(runtime: Runtime) -> set[str]:
    return {listed.digest for listed in runtime.services.evidence.listed()}


def test_several_files_are_sent_in_at_once(api: Caller, case: str) -> None:
    photo, document = jpeg("red", place=True), pdf(b"one")
    answer = send(api, case, ("a.jpg", photo), ("b.pdf", document), caption="整改前")
    done, pieces = answer.json()["done"], answer.json()["evidence"]
    assert done["events"] == ["case.evidence_attached"] * 2
    assert answer.headers["etag"] == f'"{done["version"]}"'
    first, second = pieces
    assert first["digest"] == hashlib.sha256(photo).hexdigest()
    assert (first["media_type"], first["size"]) == ("image/jpeg", len(photo))
    assert (first["latitude"], first["longitude"]) == (30.258333, 120.15)
    assert first["taken_at"] == "2026-03-01T00:15:30Z"
    assert first["caption"] == second["caption"] == "整改前"
    assert (second["media_type"], second["copy"]) == ("application/pdf", "")


def test_sending_in_is_recorded_by_its_own_event_and_is_no_reading(api: Caller, case: str) -> None:
    before = api.json("/reads", kind="cases", key=case)["items"]
    assert send(api, case, ("note.txt", b"seen at noon")).status_code == 201
    assert api.json("/reads", kind="cases", key=case)["items"] == before


def test_the_file_is_handed_out_as_it_came_and_never_as_a_page(api: Caller, case: str) -> None:
    photo = jpeg("green", place=True)
    (piece,) = sent(api, case, ("a.jpg", photo))
    address = f"/evidence/{piece['digest']}"
    answer = api.get(address)
    assert answer.content == photo
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith('attachment; filename="evidence-')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["etag"] == f'"{piece["digest"]}"'
    assert answer.headers["cache-control"] == "private, no-cache"
    again = api.get(address, {"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_copy_and_the_thumbnail_are_shown_without_what_the_camera_wrote(
    api: Caller, case: str
) -> None:
    (piece,) = sent(api, case, ("a.jpg", jpeg("blue", place=True)))
    for what in ("copy", "thumbnail"):
        answer = api.get(f"/evidence/{piece['digest']}/{what}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"].startswith("inline")
        assert answer.headers["etag"] == f'"{piece[what]}"'
        assert hashlib.sha256(answer.content).hexdigest() == piece[what]
        assert b"OWNER" not in answer.content
    (film,) = sent(api, case, ("a.mp4", mp4()))
    assert api.get(f"/evidence/{film['digest']}/copy").headers["content-type"] == "video/mp4"
    missing = problem(api.get(f"/evidence/{film['digest']}/thumbnail"))
    assert (missing["status"], missing["code"]) == (404, "evidence.no_thumbnail")


def test_the_same_request_again_is_done_once(api: Caller, case: str) -> None:
    file = ("a.png", drawn("olive"))
    first = send(api, case, file, key="once", caption="x")
    again = send(api, case, file, key="once", caption="x")
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["done"]["position"] == first.json()["done"]["position"]
    assert again.json()["evidence"] == first.json()["evidence"]
    other = problem(send(api, case, file, key="once", caption="y"))
    assert (other["status"], other["code"]) == (422, "command.reused")


def test_a_file_that_is_there_already_is_no_second_piece(api: Caller, case: str) -> None:
    file = ("a.png", drawn("navy"))
    sent(api, case, file)
    again = send(api, case, file, ("b.png", drawn("navy")), caption="again")
    assert again.json()["done"]["events"] == []
    assert [piece["caption"] for piece in again.json()["evidence"]] == [""]


def test_of_several_files_all_are_taken_or_none(api: Caller, case: str, runtime: Runtime) -> None:
    before, listed = stored(runtime), api.json(f"/cases/{case}/evidence")
    found = problem(send(api, case, ("a.png", drawn("pink")), ("b.jpg", jpeg()[:-900])))
    assert (found["status"], found["code"]) == (400, "evidence.broken")
    assert found["detail"].startswith("b.jpg is cut off")
    assert stored(runtime) == before
    assert api.json(f"/cases/{case}/evidence") == listed


@pytest.mark.parametrize(
    ("files", "fields", "status", "code"),
    [
        ([("a.docx", b"PK\x03\x04" + bytes(99))], {}, 415, "evidence.type"),
        ([("a.txt", b"x" * (1 << 20) + b"y")], {}, 413, "evidence.too_large"),
        ([("a.jpg", b"")], {}, 400, "evidence.empty"),
        ([("a.jpg", jpeg())], {"caption": "x" * 1001}, 422, "request.invalid"),
        ([("a.jpg", jpeg())], {"person": "王小明"}, 400, "evidence.personal_data"),
        ([("a.jpg", jpeg())], {"person": "p-none"}, 404, "person.unknown"),
        ([], {"caption": "x"}, 422, "request.invalid"),
        ([("a.txt", b"x")] * (MOST_FILES + 1), {}, 400, "request.unreadable"),
    ],
)  # fmt: skip
def test_what_is_not_taken_has_its_status_and_code(
    api: Caller, case: str, files: Sent, fields: dict[str, str], status: int, code: str
) -> None:
    found = problem(send(api, case, *files, **fields))
    assert (found["status"], found["code"]) == (status, code)


def test_a_body_beyond_all_files_is_refused_before_it_is_read(api: Caller, case: str) -> None:
    heads = {"Actor": "x", "Idempotency-Key": "big", "Content-Length": str(121 << 20)}
    found = problem(api.client.post(f"/api/v1/cases/{case}/evidence", headers=heads))
    assert (found["status"], found["code"]) == (413, "request.too_large")


def test_evidence_of_a_case_that_is_not_there_is_not_even_stored(
    api: Caller, runtime: Runtime
) -> None:
    before = stored(runtime)
    found = problem(send(api, "nowhere", ("a.png", drawn("gold"))))
    assert (found["status"], found["code"]) == (404, "case.unknown")
    assert stored(runtime) == before


def test_what_was_stored_for_a_refused_command_is_kept_but_shown_to_nobody(
    api: Caller, case: str, runtime: Runtime
) -> None:
    photo = drawn("coral")
    digest = hashlib.sha256(photo).hexdigest()
    found = problem(send(api, case, ("a.png", photo), caption="打 13812345678"))
    assert found["code"] == "evidence.personal_data"
    assert digest in stored(runtime)
    for what in ("", "/copy", "/thumbnail"):
        assert problem(api.get(f"/evidence/{digest}{what}"))["code"] == "evidence.unknown"
    said = api.done(f"/cases/{case}/attach-evidence", {"digest": digest, "caption": "again"})
    assert said["events"] == ["case.evidence_attached"]
    assert api.get(f"/evidence/{digest}").content == photo


def test_only_what_is_stored_can_be_attached_and_the_server_says_what_it_is(
    api: Caller, case: str
) -> None:
    found = api.refused(f"/cases/{case}/attach-evidence", {"digest": "ab" * 32})
    assert (found["status"], found["code"]) == (404, "evidence.unknown")
    said = {"digest": "ab" * 32, "media_type": "text/html"}
    assert api.refused(f"/cases/{case}/attach-evidence", said)["code"] == "request.invalid"
    assert api.get(f"/evidence/{'AB' * 32}").status_code == 422


def test_a_picture_of_a_person_is_sealed_and_gone_with_the_key(
    api: Caller, case: str, runtime: Runtime
) -> None:
    runtime.services.vault.put("p-7", {"name": "王小明"})
    photo = jpeg("white", place=True)
    (piece,) = sent(api, case, ("a.jpg", photo), person="p-7", key="sealed")
    assert piece["digest"] != hashlib.sha256(photo).hexdigest()
    assert (piece["latitude"], piece["person"]) == (None, "p-7")
    before = stored(runtime)
    (again,) = sent(api, case, ("a.jpg", photo), person="p-7", key="sealed")
    assert again == piece
    assert stored(runtime) == before
    address = f"/evidence/{piece['digest']}"
    answer = api.get(address)
    assert answer.content == photo
    assert answer.headers["cache-control"] == "no-store"
    assert api.get(f"{address}/thumbnail").content.startswith(b"\xff\xd8")
    runtime.services.vault.forget("p-7")
    gone = problem(api.get(address, {"If-None-Match": answer.headers["etag"]}))
    assert gone["code"] == "person.erased"


def test_what_was_withdrawn_says_so_and_stays(api: Caller, case: str) -> None:
    (piece,) = sent(api, case, ("a.png", drawn("cyan")), caption="整改后")
    digest = piece["digest"]
    better = {"digest": digest, "caption": "整改前", "reason": "写反了"}
    api.done(f"/cases/{case}/correct-evidence", better)
    back = {"digest": digest, "reason": "拍的是另一条街"}
    done = api.done(f"/cases/{case}/withdraw-evidence", back)
    (now,) = [p for p in api.json(f"/cases/{case}/evidence")["items"] if p["digest"] == digest]
    assert (now["caption"], now["corrected"], now["withdrawn"]) == ("整改前", True, True)
    then = api.json(f"/cases/{case}/evidence", up_to=done["position"] - 1)["items"]
    assert [p["withdrawn"] for p in then if p["digest"] == digest] == [False]
    assert api.get(f"/evidence/{digest}").status_code == 200
    assert api.refused(f"/cases/{case}/withdraw-evidence", back)["code"] == "evidence.not_attached"


def test_the_table_says_the_same_as_the_log(api: Caller, case: str, runtime: Runtime) -> None:
    rows = runtime.services.reader.rows(
        "evidence.list", {"case_id": case, "after": 0, "limit": 100}
    )
    told = sorted(api.json(f"/cases/{case}/evidence")["items"], key=lambda p: p["position"])
    assert len(rows) > 5
    for row, piece in zip(rows, told, strict=True):
        for column in ("digest", "media_type", "size", "caption", "corrected", "withdrawn"):
            assert row[column] == piece[column], column


def test_an_altered_file_is_not_shown(api: Caller, case: str, runtime: Runtime) -> None:
    (piece,) = sent(api, case, ("a.png", drawn("tan")))
    path = Path(runtime.services.evidence.place) / path_of(piece["digest"])
    before = path.read_bytes()
    path.chmod(0o600)
    try:
        path.write_bytes(drawn("tomato"))
        found = problem(api.get(f"/evidence/{piece['digest']}"))
        assert (found["status"], found["code"]) == (500, "evidence.altered")
    finally:
        path.write_bytes(before)


def test_an_upload_without_an_actor_or_a_key_is_refused(api: Caller, case: str) -> None:
    files = [("files", ("a.png", io.BytesIO(drawn()), "image/png"))]
    address = f"/api/v1/cases/{case}/evidence"
    nobody = problem(api.client.post(address, files=files, headers={"Idempotency-Key": "k"}))
    assert (nobody["status"], nobody["code"]) == (401, "actor.missing")
    keyless = problem(api.client.post(address, files=files, headers={"Actor": "x"}))
    assert keyless["code"] == "idempotency.missing"
