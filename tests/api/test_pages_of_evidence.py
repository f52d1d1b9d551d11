"""Evidence on the page of a case: sent in by a plain form, shown in the timeline."""

import hashlib
import re
from typing import Any

import pytest
from httpx2 import Response

from infra.runtime import Runtime
from tests.api.caller import Caller
from tests.support.pictures import drawn, jpeg, pdf

PAGE = "/cases/F1"
SEND = "/do/cases/F1/evidence"
REPORT = {"source": "patrol", "category": "0110", "text": "垃圾", "place": {"grid": "lake-1"}}


@pytest.fixture(scope="module")
def city(api: Caller) -> Caller:
    api.done("/cases", {"case_id": "F1", **REPORT})
    return api


def page(city: Caller, address: str = PAGE) -> str:
    return str(city.client.get(address).text)


def form_key(html: str) -> str:
    form = html.partition(f'action="{SEND}"')[2]
    found = re.search(r'name="_key" value="([^"]+)"', form)
    assert found is not None
    return found[1]


def send(city: Caller, *files: tuple[str, bytes], **fields: str) -> Response:
    said = {"_key": form_key(page(city)), "_back": PAGE, "actor": "李督查", **fields}
    parts: list[Any] = [("files", (name, data)) for name, data in files]
    return city.client.post(
        SEND, data=said, files=parts, headers={"Origin": "http://127.0.0.1"},
        follow_redirects=False,
    )  # fmt: skip


def steps(html: str) -> list[str]:
    return re.findall(r"<figure.*?</figure>", html, re.DOTALL)


def test_the_form_needs_no_script_and_can_be_used_by_keyboard(city: Caller) -> None:
    html = page(city)
    form = html.partition(f'action="{SEND}"')[0].rpartition("<form")[2] + html.partition(SEND)[2]
    assert 'enctype="multipart/form-data"' in form
    (chooser,) = re.findall(r"<input[^>]*type=\"file\"[^>]*>", html)
    assert " multiple" in chooser
    assert " required" in chooser
    (name,) = re.findall(r'id="([^"]+)"', chooser)
    assert f'<label class="all" for="{name}">' in html
    assert "<summary" in html


def test_what_is_sent_is_shown_in_the_timeline(city: Caller) -> None:
    photo, document = jpeg("red", place=True), pdf(b"page")
    answer = send(city, ("a.jpg", photo), ("b.pdf", document), caption="整改前 <b>")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{PAGE}?done=case.attach_evidence&at=")
    html = page(city, answer.headers["location"])
    picture, paper = steps(html)
    digest = hashlib.sha256(photo).hexdigest()
    assert f'<img src="/api/v1/evidence/{digest}/thumbnail" alt="整改前 &lt;b&gt;"' in picture
    assert f'href="/api/v1/evidence/{digest}/copy"' in picture
    assert "2026-03-01 08:15:30" in picture
    assert "30.25833, 120.15000" in picture
    assert "<img" not in paper
    assert f'href="/api/v1/evidence/{hashlib.sha256(document).hexdigest()}" download' in paper
    assert city.client.get(f"/api/v1/evidence/{digest}/thumbnail").status_code == 200
    assert "提交证据" in html


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([("a.docx", b"PK\x03\x04" + bytes(99))], "evidence.type"),
        ([("", b"")], "请至少选择一个文件"),
        ([("a.txt", b"x")] * 21, "一次最多提交 20 个文件"),
    ],
)
def test_what_is_refused_is_said_beside_the_form_and_nothing_typed_is_lost(
    city: Caller, files: list[tuple[str, bytes]], told: str
) -> None:
    before = steps(page(city))
    answer = send(city, *files, caption="写了很久的说明")
    assert 400 <= answer.status_code < 500
    assert told in answer.text
    form = answer.text.partition(f'action="{SEND}"')[2]
    if len(files) == 1:
        assert 'value="写了很久的说明"' in form
    assert steps(answer.text) == before


def test_a_form_that_is_sent_twice_is_done_once(city: Caller) -> None:
    key = form_key(page(city))
    first = send(city, ("a.png", drawn("olive")), _key=key)
    count = len(steps(page(city)))
    again = send(city, ("a.png", drawn("olive")), _key=key)
    assert again.headers["location"] == first.headers["location"]
    assert len(steps(page(city))) == count


def test_whoever_reloads_the_answer_gets_the_case(city: Caller) -> None:
    answer = city.client.get(SEND, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)


def test_a_withdrawn_piece_is_marked_and_its_picture_gone_but_was_there_then(
    city: Caller, runtime: Runtime
) -> None:
    photo = drawn("cyan")
    digest = hashlib.sha256(photo).hexdigest()
    send(city, ("a.png", photo), caption="另一条街")
    shown = f"/api/v1/evidence/{digest}/thumbnail"
    assert shown in page(city)
    before = len(runtime.services.store.load("case-F1"))
    back = {
        "_key": "back-1", "_back": PAGE, "actor": "李督查", "digest": digest, "reason": "拍错了",
    }  # fmt: skip
    answer = city.client.post(
        "/do/cases/F1/withdraw-evidence", data=back, headers={"Origin": "http://127.0.0.1"}
    )
    html = answer.text
    assert "已撤回" in html
    assert "拍错了" in html
    assert shown not in html
    assert f'href="/api/v1/evidence/{digest}" download' in html
    assert shown in page(city, f"{PAGE}?seen={before}&of={before + 1}")


def test_a_piece_can_be_chosen_by_what_it_shows(city: Caller) -> None:
    html = page(city)
    form = html.partition('action="/do/cases/F1/withdraw-evidence"')[2].partition("</form>")[0]
    options = re.findall(r'<option value="([0-9a-f]{64})">([^<]+)', form)
    assert options
    assert all(digest[:12] in text for digest, text in options)


def test_what_showed_a_forgotten_person_is_said_to_be_erased(
    city: Caller, runtime: Runtime
) -> None:
    person = {"category": "resident", "data": {"name": "王小明"}}
    done = city.done("/persons", {**person, "basis": "巡查登记"})
    send(city, ("a.png", drawn("white")), person=done["id"])
    before = page(city)
    assert "涉及个人，已加密" in before
    city.done(f"/persons/{done['id']}/forget", {"basis": "本人申请"})
    html = page(city)
    assert "涉及个人，密钥已销毁" in html
    assert html.count("<img") == before.count("<img") - 1


def test_a_void_case_takes_no_evidence(city: Caller) -> None:
    city.done("/cases", {"case_id": "F2", **REPORT})
    city.done("/cases/F2/void", {"reason": "重复"})
    assert 'type="file"' not in page(city, "/cases/F2")


def test_an_upload_from_another_site_changes_nothing(city: Caller) -> None:
    before = steps(page(city))
    answer = city.client.post(
        SEND, data={"_key": "k", "actor": "x"}, files=[("files", ("a.png", drawn("gold")))],
        headers={"Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert answer.status_code == 403
    assert steps(page(city)) == before
