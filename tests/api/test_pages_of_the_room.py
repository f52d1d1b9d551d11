"""The auditor's room: every page, every wrong question answered, every look recorded."""

import re
import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import Any

import httpx2
import pytest

from infra.commands.keys import _make as make_log_key
from infra.runtime import Runtime
from projections.past.kinds import KINDS
from tests.api.caller import Caller
from tests.support.packages import codes, log_key

LARGEST = 200_000
CARD = "11010519491231002X"
NAME = "王小明"
BAD_MOMENTS = {
    "2099-01-01": "as_of.future",
    "1999-01-01": "as_of.before_first",
    "yesterday": "time.unreadable",
    "2026-03-05 12:00 Asia/Tokyo": "time.zone_unknown",
    "9999-12-31": "time.out_of_range",
}


@pytest.fixture(scope="module")
def person(api: Caller) -> str:
    body = {
        "category": "reporter", "basis": "市民举报须回访",
        "data": {"name": NAME, "id_number": CARD},
    }  # fmt: skip
    found: str = api.done("/persons", body)["id"]
    return found.removeprefix("person-")


@pytest.fixture(scope="module", autouse=True)
def city(api: Caller, runtime: Runtime) -> None:
    make_log_key(runtime.settings, runtime.kept.ledger)
    body = {
        "case_id": "R1", "case_no": "督2026-0101", "source": "patrol", "category": "井盖",
        "text": "人民路口井盖缺失", "about": "lake",
    }  # fmt: skip
    api.done("/cases", body)
    api.done("/cases/R1/file", {"standard": "市容-3"})
    api.done("/cases/R1/dispatch", {"unit": "lake"})
    api.done("/cases/R1/claim", {})
    runtime.kept.notary.issue()


@pytest.fixture
def site(api: Caller) -> httpx2.Client:
    return api.client


def page(site: httpx2.Client, path: str, status: int = 200, /, **query: str) -> str:
    answer = site.get(path, params=query)
    assert answer.status_code == status, answer.text[:2000]
    assert len(answer.content) < LARGEST
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    return answer.text


def recorded(runtime: Runtime, before: int) -> list[tuple[str, str, str]]:
    events: list[Any] = [e.event for e in runtime.store.read(before, 50)]
    return [(e.act, e.kind, e.key) for e in events if e.NAME == "access.recorded"]


def test_the_entrance_leads_to_everything(site: httpx2.Client) -> None:
    html = page(site, "/audit")
    for href in (
        "/audit/search",
        "/audit/standings",
        "/audit/indicators",
        "/reads",
        "/audit/cases",
    ):
        assert f'"{href}"' in html
    assert 'aria-current="page">审计室' in html
    assert 'href="/audit"' in page(site, "/")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_list_of_then(site: httpx2.Client, kind: str) -> None:
    page(site, f"/audit/{KINDS[kind].things}")
    page(site, f"/audit/{KINDS[kind].things}", was_at="2021-01-01")


@pytest.mark.parametrize(
    "path",
    ["cases/R1", "units/lake", "policies/default"],
)
@pytest.mark.parametrize("place", ["past", "difference", "proof"])
def test_every_thing_has_its_past_its_differences_and_its_proof(
    site: httpx2.Client, path: str, place: str
) -> None:
    page(site, f"/audit/{path}/{place}")
    assert "审计" not in page(site, f"/audit/{path}/{place}", lang="en").replace("审计室", "")
    page(site, f"/audit/{path}/{place}", lang="zh")


def test_the_time_machine_goes_step_by_step(site: httpx2.Client) -> None:
    nothing = page(site, "/audit/cases/R1/past", seen="0")
    assert "那时还没有这件事" in nothing
    second = page(site, "/audit/cases/R1/past", seen="2")
    assert "已立案" in second
    assert "seen=1" in second
    assert "seen=3" in second
    assert "之后还有 2 步" in second
    assert "已认领" in page(site, "/audit/cases/R1/past")
    assert "已认领" in page(site, "/audit/cases/R1/past", seen="99")
    assert "已认领" in page(site, "/audit/cases/R1/past", seen="-1")


def test_what_was_known_is_exact_at_the_moment_of_a_record(
    site: httpx2.Client, runtime: Runtime
) -> None:
    first, second, *_ = (e.recorded_at for e in runtime.store.load("case-R1"))
    assert "已上报" in page(site, "/audit/cases/R1/past", as_of=first.isoformat())
    assert "已立案" in page(site, "/audit/cases/R1/past", as_of=second.isoformat())


@pytest.mark.parametrize(("text", "code"), BAD_MOMENTS.items())
@pytest.mark.parametrize(
    "path",
    ["/audit/cases/R1/past", "/audit/units/lake/dossier", "/audit/cases", "/audit/cases/R1/pack"],
)
def test_a_moment_that_cannot_be_asked_for_is_refused_beside_the_form(
    site: httpx2.Client, path: str, text: str, code: str
) -> None:
    html = page(site, path, 400, as_of=text)
    assert code in html or path.endswith("/pack")
    assert 'role="alert"' in html
    assert f'value="{text}"' in html


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize(
    "path", ["/audit/cases/R1/difference", "/audit/standings", "/audit/indicators"]
)
def test_each_of_two_moments_is_checked(site: httpx2.Client, path: str, name: str) -> None:
    assert "as_of.future" in page(site, path, 400, **{name: "2099-01-01"})
    assert "at.future" in page(site, path, 400, **{f"{name}_at": "2099-01-01"})


def test_a_moment_in_another_zone_is_translated_aloud(site: httpx2.Client) -> None:
    html = page(site, "/audit/cases/R1/past", was_at="2021-01-01T00:00:00+09:00")
    assert "Asia/Shanghai" in html
    assert "所写时差与本市不同" in html


@pytest.mark.parametrize(
    "path",
    [
        "cases/none/past", "cases/none/difference", "cases/none/proof", "cases/none/pack",
        "units/none/dossier", "persons/none/dossier", "events/999999/proof", "events/0/proof",
        "events/999999/leaf", "packing/none", "cases/R1/package.zip", "cases/R1/nothing",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_so(site: httpx2.Client, path: str) -> None:
    page(site, f"/audit/{path}", 404)


def test_two_moments_stand_side_by_side_with_what_lies_between(
    site: httpx2.Client, runtime: Runtime
) -> None:
    first = runtime.store.load("case-R1")[0].recorded_at.isoformat()
    html = page(site, "/audit/cases/R1/difference", **{"from": first})
    assert "<del>已上报</del>" in html
    assert "<ins>已认领</ins>" in html
    assert html.count('/proof">') >= 3
    same = page(site, "/audit/cases/R1/difference", **{"from": first, "to": first})
    assert "没有不同" in same


def test_the_dossier_of_a_unit_is_filtered_and_counted(site: httpx2.Client) -> None:
    html = page(site, "/audit/units/lake/dossier")
    assert "派遣" in html
    assert "没有符合条件的记录" in page(site, "/audit/units/lake/dossier", part="late")
    assert "没有符合条件的记录" in page(site, "/audit/units/lake/dossier", until="2019-12-31")
    page(site, "/audit/units/lake/dossier", 400, since="2026-99-99")
    assert "officer" in page(site, "/audit/persons/officer/dossier")


def test_the_proof_says_what_is_proven_and_what_is_not(
    site: httpx2.Client, runtime: Runtime
) -> None:
    html = page(site, "/audit/cases/R1/proof")
    assert "未被改动" in html
    assert "不证明存入时是真的" in html
    position = runtime.store.load("case-R1")[0].position
    event = page(site, f"/audit/events/{position}/proof")
    leaf = site.get(f"/audit/events/{position}/leaf")
    assert sha256(b"\0" + leaf.content).hexdigest() in event
    told = site.get(f"/audit/events/{position}/tlog-proof").text
    assert told.startswith("c2sp.org/tlog-proof@v1")


def test_what_is_not_signed_yet_is_not_called_proven(api: Caller, site: httpx2.Client) -> None:
    done = api.done("/cases/R1/rectify", {"note": "已补盖"})
    html = page(site, f"/audit/events/{done['position']}/proof")
    assert "等待签名" in html
    assert "一字未改" not in html


def test_erased_persons_are_said_to_be_erased_and_the_proof_holds(
    api: Caller, site: httpx2.Client, runtime: Runtime, person: str
) -> None:
    api.done(f"/persons/{person}/forget", {"basis": "保存期满"})
    runtime.kept.notary.issue()
    for path in ("proof", "dossier"):
        html = page(site, f"/audit/persons/{person}/{path}")
        assert "已删除" in html
        assert NAME not in html
    assert "未被改动" in page(site, f"/audit/persons/{person}/proof")


def test_a_person_is_found_by_number_only_with_a_purpose(
    api: Caller, site: httpx2.Client, runtime: Runtime
) -> None:
    card = "440308199901011232"
    body = {"category": "witness", "basis": "作证", "data": {"name": NAME, "id_number": card}}
    key = api.done("/persons", body)["id"].removeprefix("person-")
    site.headers["Origin"] = "http://127.0.0.1"
    form = {"id_number": card, "purpose": "市纪委12号核查"}
    try:
        assert site.post("/audit/persons/find", data={"id_number": card}).status_code == 400
        before = runtime.store.last_position()
        answer = site.post("/audit/persons/find", data=form, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/audit/persons/{key}/dossier"
        events: list[Any] = [e.event for e in runtime.store.read(before, 10)]
        assert {e.purpose for e in events if e.key == key} == {form["purpose"]}
        assert card not in repr(events)
        nobody = site.post("/audit/persons/find", data=form | {"id_number": "1" * 18})
        assert nobody.status_code == 404
        assert "没有登记过这个证件号" in nobody.text
    finally:
        del site.headers["Origin"]


def test_a_number_of_somebody_is_not_searched_for_in_an_address(site: httpx2.Client) -> None:
    html = page(site, "/audit/search", 400, q=CARD)
    assert CARD not in html
    assert "按证件号查人" in html


def test_a_search_marks_what_it_found_and_says_so_when_nothing_is(site: httpx2.Client) -> None:
    html = page(site, "/audit/search", q="缺失井盖")
    assert "<mark>井盖</mark>" in html
    assert "/audit/cases/R1/past" in html
    assert "没有找到" in page(site, "/audit/search", q="不存在的东西")
    assert "/audit/events/3/proof" in page(site, "/audit/search", q="3")
    assert "&lt;script&gt;" in page(site, "/audit/search", q="<script>alert(1)</script>")


LOOKS = (
    ("/audit", "list", "audit", ""),
    ("/audit/search?q=R1", "search", "search", ""),
    ("/audit/cases", "list", "cases", ""),
    ("/audit/cases/R1/past", "open", "cases", "R1"),
    ("/audit/cases/R1/difference", "open", "cases", "R1"),
    ("/audit/cases/R1/proof", "open", "cases", "R1"),
    ("/audit/units/lake/dossier", "open", "units", "lake"),
    ("/audit/persons/officer/dossier", "open", "persons", "officer"),
    ("/audit/events/3/proof", "open", "events", "3"),
    ("/audit/events/3/leaf", "open", "events", "3"),
    ("/audit/cases/R1/pack", "open", "cases", "R1"),
    ("/audit/standings", "list", "standings", ""),
    ("/audit/indicators", "list", "indicators", ""),
)


@pytest.mark.parametrize(("path", "act", "kind", "key"), LOOKS)
def test_every_look_is_recorded_with_its_kind_and_key(
    site: httpx2.Client, runtime: Runtime, path: str, act: str, kind: str, key: str
) -> None:
    before = runtime.store.last_position()
    assert site.get(path).status_code == 200
    assert recorded(runtime, before) == [(act, kind, key)]


def test_a_package_is_ordered_watched_and_taken_along(
    site: httpx2.Client, runtime: Runtime
) -> None:
    site.headers["Origin"] = "http://127.0.0.1"
    try:
        before = runtime.store.last_position()
        form = {"lang": "zh", "as_of": "", "purpose": "年度审计", "evidence": "1"}
        answer = site.post("/audit/cases/R1/package", data=form, follow_redirects=False)
    finally:
        del site.headers["Origin"]
    assert answer.status_code == 303
    assert ("export", "cases", "R1") in recorded(runtime, before)
    before = runtime.store.last_position()
    html = ""
    for _ in range(300):
        html = page(site, answer.headers["location"])
        if 'id="download"' in html:
            break
        assert "没有做成" not in html
    assert recorded(runtime, before) == []  # how far it is names nobody's matter
    found = re.search(r'id="download" href="([^"]+)"', html)
    assert found
    package = site.get(found[1].replace("&amp;", "&"))
    assert package.status_code == 200
    assert codes(package.content, [log_key(runtime)]) == []
    assert recorded(runtime, before) == [("export", "cases", "R1")]


def test_names_in_a_package_need_a_purpose(site: httpx2.Client) -> None:
    site.headers["Origin"] = "http://127.0.0.1"
    try:
        answer = site.post("/audit/cases/R1/package", data={"lang": "en", "persons": "1"})
    finally:
        del site.headers["Origin"]
    assert answer.status_code == 400
    assert "须写明用途" in answer.text or "先写明用途" in answer.text


def test_an_altered_event_is_called_altered(site: httpx2.Client, runtime: Runtime) -> None:
    """Last, since it spoils the city: somebody changes a byte behind the store's back."""
    runtime.kept.notary.issue()
    position = runtime.store.load("case-R1")[1].position
    with closing(sqlite3.connect(runtime.settings.events_file)) as raw, raw:
        for (name,) in raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        ((data,),) = raw.execute("SELECT data FROM events WHERE pos = ?", (position,)).fetchall()
        changed = data.replace("市容-3".encode(), "市容-4".encode())
        assert changed != data
        raw.execute("UPDATE events SET data = ? WHERE pos = ?", (changed, position))
    html = page(site, f"/audit/events/{position}/proof")
    assert "已被改动" in html
    assert "一字未改" not in html
    assert "已被改动" in page(site, "/audit/cases/R1/proof")
