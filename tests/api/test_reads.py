"""The log of readers: recorded before the answer, whoever asks on whatever way, or no answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from domain.access.events import AccessRecorded
from domain.access.recording import Access
from domain.errors import Refused
from domain.messages import Envelope
from infra.runtime import Runtime
from tests.api.caller import Caller, problem


def recorded(runtime: Runtime, after: int) -> list[Envelope]:
    found = runtime.store.read(after, 1000)
    return [e for e in found if isinstance(e.event, AccessRecorded)]


@pytest.fixture
def case(api: Caller) -> str:
    report = {"source": "patrol", "category": "litter", "text": "x", "case_id": "READ-1"}
    api.post("/cases", report, key="the-case")
    return "READ-1"


def only(runtime: Runtime, after: int) -> tuple[str, AccessRecorded]:
    (envelope,) = recorded(runtime, after)
    assert isinstance(envelope.event, AccessRecorded)
    return envelope.actor, envelope.event


def test_who_opens_a_case_is_recorded_with_the_purpose(
    api: Caller, runtime: Runtime, case: str
) -> None:
    before = runtime.store.last_position()
    api.get(f"/cases/{case}", headers={"Actor": "%E5%BC%A0%E4%B8%89", "Purpose": "audit 2026"})
    actor, event = only(runtime, before)
    assert actor == "张三"
    assert event == AccessRecorded(
        act="open", channel="api", kind="cases", key=case, purpose="audit 2026"
    )


def test_a_page_is_recorded_by_its_cookies_and_nobody_is_anonymous(
    api: Caller, runtime: Runtime, case: str
) -> None:
    before = runtime.store.last_position()
    assert api.client.get(f"/cases/{case}").status_code == 200
    actor, event = only(runtime, before)
    assert (actor, event.channel, event.kind, event.key) == ("anonymous", "page", "cases", case)
    before = runtime.store.last_position()
    cookies = {"Cookie": "actor=%E6%9D%8E%E5%9B%9B; purpose=%E5%AE%A1%E8%AE%A1"}
    api.client.get("/units/lake", headers=cookies)
    actor, event = only(runtime, before)
    assert (actor, event.purpose, event.key) == ("李四", "审计", "lake")


def test_a_search_is_recorded_by_a_digest_and_found_by_its_text(
    api: Caller, runtime: Runtime
) -> None:
    before = runtime.store.last_position()
    api.get("/cases", q="王小明", status="filed")
    _, event = only(runtime, before)
    assert event.act == "search"
    assert event.asked.startswith("q=#")
    assert event.asked.endswith("&status=filed")
    assert "王" not in event.asked
    runtime.catch_up()
    (line,) = api.json("/reads", searched="王小明")["items"]
    assert line["asked"] == event.asked
    assert api.json("/reads", searched="王小红")["items"] == []


@pytest.mark.parametrize("secret", ["13812345678", "11010519491231002X", "王小明"])
def test_no_number_or_name_comes_into_the_log_by_an_address(
    api: Caller, runtime: Runtime, secret: str
) -> None:
    before = runtime.store.last_position()
    api.get(f"/cases/{secret}")
    api.get("/cases", unit=secret)
    api.client.get(f"/why/case/{secret}")
    api.client.get(f"/api/v1/cases?{secret}=1")
    found = recorded(runtime, before)
    assert len(found) == 4
    assert not [e for e in found if secret in str(e.event)]


def test_an_export_is_recorded_as_one(api: Caller, runtime: Runtime) -> None:
    for address in ("/api/v1/cases?format=csv", "/cases.csv"):
        before = runtime.store.last_position()
        assert api.client.get(address).status_code == 200
        assert only(runtime, before)[1].act == "export"


def test_who_has_the_newest_already_has_read_it_again(
    api: Caller, runtime: Runtime, case: str
) -> None:
    tag = api.get("/inspections").headers["ETag"]
    api.get("/units/lake")
    before = runtime.store.last_position()
    assert api.get("/inspections", headers={"If-None-Match": tag}).status_code == 304
    assert only(runtime, before)[1].kind == "inspections"


def test_commands_proofs_health_and_files_are_no_readings(api: Caller, runtime: Runtime) -> None:
    before = runtime.store.last_position()
    api.get("/log/keys")
    api.client.get("/health")
    api.client.get("/static/app.css")
    api.get("/docs")
    api.post("/cases", {"source": "patrol", "category": "c", "text": "x"})
    assert recorded(runtime, before) == []


def test_a_form_that_is_refused_shows_the_case_and_is_recorded(
    api: Caller, runtime: Runtime, case: str
) -> None:
    before = runtime.store.last_position()
    own = {"Origin": "http://127.0.0.1"}
    api.client.post(f"/do/cases/{case}/close", data={"actor": "x", "_key": "k"}, headers=own)
    assert [e.event.key for e in recorded(runtime, before)] == [f"cases/{case}/close"]  # type: ignore[attr-defined]


@contextmanager
def broken(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A store whose disk is full."""

    def full(appends: Any) -> Any:
        raise Refused("store.full", "the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(runtime.store, "append", full)
        yield


def test_what_cannot_be_recorded_is_not_shown(
    api: Caller, runtime: Runtime, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with broken(runtime, monkeypatch):
        found = problem(api.get(f"/cases/{case}"))
        assert (found["status"], found["code"]) == (503, "store.full")
        page = api.client.get(f"/cases/{case}")
        assert page.status_code == 503
        assert "litter" not in page.text
        assert api.client.get("/health").status_code == 200
    assert api.get(f"/cases/{case}").status_code == 200


@pytest.mark.parametrize("name", ["system:reactions", "x" * 101, "%00"])
def test_a_reader_who_claims_to_be_somebody_impossible_is_refused(api: Caller, name: str) -> None:
    assert problem(api.get("/cases", headers={"Actor": name}))["status"] == 400


def test_many_who_read_at_once_are_all_recorded(runtime: Runtime) -> None:
    before, gate = runtime.store.last_position(), Barrier(16)
    log = runtime.services.accesses

    def read(number: int) -> None:
        gate.wait()
        for turn in range(10):
            event = AccessRecorded(act="open", channel="api", kind="cases", key=f"{number}.{turn}")
            log.record(Access(f"reader {number % 3}", event))

    threads = [Thread(target=read, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = recorded(runtime, before)
    assert len({e.event.key for e in found}) == len(found) == 160  # type: ignore[attr-defined]
    assert len({e.stream_id for e in found}) == 3


def test_readers_are_counted_and_listed_page_by_page(api: Caller, runtime: Runtime) -> None:
    for _ in range(5):
        api.get("/units", headers={"Actor": "counted", "Purpose": "count"})
    api.get("/cases", format="csv", headers={"Actor": "counted"})
    runtime.catch_up()
    (me,) = [r for r in api.json("/reads/readers") if r["reader"] == "counted"]
    assert (me["reads"], me["exports"], me["without_purpose"]) == (6, 1, 1)
    page = api.json("/reads", reader="counted", limit=4)
    rest = api.json("/reads", reader="counted", limit=4, cursor=page["next"])
    assert len(page["items"]) + len(rest["items"]) == 6
    assert rest["next"] is None
    assert page["items"][0]["act"] == "export"
    table = api.get("/reads", reader="counted", format="csv").text
    assert len(table.splitlines()) == 7


def test_who_reads_the_log_of_readers_is_in_it(api: Caller, runtime: Runtime) -> None:
    before = runtime.store.last_position()
    api.get("/reads", headers={"Actor": "auditor"})
    assert only(runtime, before)[1].kind == "reads"


def test_reading_tells_no_page_to_look_again(api: Caller, runtime: Runtime, case: str) -> None:
    runtime.catch_up()
    live = runtime.services.live
    changed = live.changed()
    api.get(f"/cases/{case}")
    runtime.catch_up()
    assert live.position() > changed
    assert live.changed() == changed


def test_the_folder_of_the_city_is_only_its_owners(runtime: Runtime) -> None:
    vault: Path = runtime.settings.vault_file
    assert vault.stat().st_mode & 0o077 == 0


def test_the_auditors_page_shows_who_read_what_in_both_languages(
    api: Caller, runtime: Runtime, case: str
) -> None:
    said = {"Actor": "%E5%BC%A0%E4%B8%89", "Purpose": "%E5%AE%A1%E8%AE%A1"}
    api.get(f"/cases/{case}", headers=said)
    runtime.catch_up()
    page = api.client.get(f"/reads?lang=zh&reader=张三&key={case}").text
    assert "张三" in page
    assert "审计" in page
    assert case in page
    assert "Readers" in api.client.get("/reads?lang=en&since=2020-01-01&searched=x").text


def test_the_page_of_a_person_shows_the_name_to_who_says_what_for(
    api: Caller, runtime: Runtime
) -> None:
    body = {"category": "reporter", "basis": "PIPL 13(3)", "data": {"name": "赵六"}}
    person = api.done("/persons", body)["id"]
    api.client.cookies.clear()
    cookies = {"Cookie": "actor=auditor"}
    assert "赵六" not in api.client.get(f"/persons/{person}", headers=cookies).text
    assert "赵六" not in api.client.get(f"/persons/{person}?purpose=x").text
    before = runtime.store.last_position()
    assert "赵六" in api.client.get(f"/persons/{person}?purpose=审计", headers=cookies).text
    actor, event = only(runtime, before)
    assert (actor, event.purpose, event.asked) == ("auditor", "审计", "")
    api.done(f"/persons/{person}/forget", {"basis": "PIPL 47"})
    page = api.client.get(f"/persons/{person}?purpose=审计&lang=zh", headers=cookies).text
    assert "已删除" in page
    assert "赵六" not in page
    assert api.client.get("/persons/p-0000000000000000").status_code == 200
