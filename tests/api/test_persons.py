"""Personal data: kept apart, shown to who says what for, and gone for ever when it is forgotten."""

from pathlib import Path
from typing import Any

import pytest

from infra.runtime import Runtime
from infra.vault.retaining import overdue, retain
from tests.api.caller import Caller, problem

WANG = {"name": "王小明", "phone": "13812345678", "id_number": "11010519491231002X"}
WHY = {"Actor": "auditor", "Purpose": "%E5%A4%8D%E6%A0%B8%E6%A1%88%E5%8D%B7"}  # 复核案卷


def register(api: Caller, data: dict[str, str], key: str | None = None) -> str:
    body = {"category": "reporter", "basis": "PIPL 13(3)", "data": data}
    found: str = api.done("/persons", body, key=key)["id"]
    return found


def shown(api: Caller, person_id: str) -> Any:
    answer = api.get(f"/persons/{person_id}", headers=WHY)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def wang(api: Caller) -> Any:
    person_id = register(api, WANG)
    yield person_id
    api.done(f"/persons/{person_id}/forget", {"basis": "end of the test"})


def test_a_person_is_shown_to_who_says_who_they_are_and_what_for(api: Caller, wang: str) -> None:
    found = shown(api, wang)
    assert found["fields"] == WANG
    assert (found["shown"], found["erased"]) == ("王小明", False)
    nobody = problem(api.get(f"/persons/{wang}", headers={"Purpose": "x"}))
    assert (nobody["status"], nobody["code"]) == (401, "actor.missing")
    for nothing in ({}, {"Purpose": " "}):
        refused = problem(api.get(f"/persons/{wang}", headers={"Actor": "auditor", **nothing}))
        assert (refused["status"], refused["code"]) == (400, "purpose.missing")


def test_the_purpose_must_not_be_personal_data_itself(api: Caller, wang: str) -> None:
    said = {"Actor": "auditor", "Purpose": "call 13812345678"}
    assert problem(api.get(f"/persons/{wang}", headers=said))["code"] == "purpose.invalid"


def test_that_a_person_was_looked_at_stands_in_the_log_of_readers(api: Caller, wang: str) -> None:
    shown(api, wang)
    position = api.json("/events", limit=1000, stream=f"person-{wang}")["items"][0]["position"]
    api.catch_up(position + 2)
    (line,) = api.json("/reads", kind="persons", key=wang, act="open")["items"]
    assert (line["reader"], line["purpose"], line["channel"]) == ("auditor", "复核案卷", "api")


def test_no_event_and_no_table_holds_what_the_vault_keeps(
    api: Caller, runtime: Runtime, wang: str
) -> None:
    api.done(f"/persons/{wang}/correct", {"reason": "moved", "data": {"address": "幸福路 1 号"}})
    shown(api, wang)
    folder: Path = runtime.settings.data_dir
    secrets = [*WANG.values(), "幸福路"]
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [s for s in secrets if s.encode() in content], path


def test_a_repeated_registration_is_one_and_another_with_the_key_is_refused(api: Caller) -> None:
    first = register(api, {"name": "张三"}, key="person-1")
    assert register(api, {"name": "张三"}, key="person-1") == first
    other = {"category": "reporter", "basis": "PIPL 13(3)", "data": {"name": "李四"}}
    assert api.refused("/persons", other, key="person-1")["code"] == "command.reused"
    assert shown(api, first)["fields"] == {"name": "张三"}


def test_a_correction_replaces_what_it_names_and_takes_out_what_is_empty(
    api: Caller, wang: str
) -> None:
    change = {"reason": "wrong number", "data": {"phone": "13912345678", "name": ""}}
    api.done(f"/persons/{wang}/correct", change)
    fields = shown(api, wang)["fields"]
    assert fields == {"phone": "13912345678", "id_number": WANG["id_number"]}


def test_a_person_is_found_by_the_number_of_the_card(api: Caller, wang: str) -> None:
    answer = api.client.post(
        "/api/v1/persons/find", json={"id_number": "110105 19491231 002x"}, headers=WHY
    )
    assert answer.json() == {"person_id": wang}
    missing = api.client.post("/api/v1/persons/find", json={"id_number": "1"}, headers=WHY)
    assert problem(missing)["code"] == "person.unknown"
    bare = api.client.post("/api/v1/persons/find", json={"id_number": "1"})
    assert problem(bare)["code"] == "actor.missing"


def test_two_records_of_one_person_are_refused(api: Caller, wang: str) -> None:
    again = {"category": "witness", "basis": "PIPL 13(3)", "data": WANG}
    assert api.refused("/persons", again)["code"] == "person.exists"


def test_whoever_is_forgotten_is_erased_everywhere_and_stays_counted(api: Caller) -> None:
    person = register(api, WANG)
    api.done("/cases", {"source": "hotline", "category": "c", "text": "x", "reporter": person,
                        "case_id": f"of-{person}"})  # fmt: skip
    done = api.done(f"/persons/{person}/forget", {"basis": "PIPL 47"})
    assert done["events"] == ["person.forgotten"]
    again = api.done(f"/persons/{person}/forget", {"basis": "PIPL 47"})
    assert again["events"] == []
    found = shown(api, person)
    assert (found["shown"], found["erased"], found["fields"]) == ("已删除 erased", True, {})
    missing = api.client.post(
        "/api/v1/persons/find", json={"id_number": WANG["id_number"]}, headers=WHY
    )
    assert missing.status_code == 404
    change = {"reason": "x", "data": {"name": "王"}}
    assert api.refused(f"/persons/{person}/correct", change)["code"] == "person.erased"
    assert api.json(f"/cases/of-{person}")["status"] == "reported"
    (line,) = [i for i in api.json("/persons", status="forgotten", limit=500)["items"]
               if i["person_id"] == person]  # fmt: skip
    assert line["fields"] == []


def test_nobody_is_named_who_is_unknown_or_forgotten(api: Caller) -> None:
    report = {"source": "hotline", "category": "c", "text": "x"}
    unknown = report | {"reporter": "p-0123456789abcdef"}
    assert api.refused("/cases", unknown)["code"] == "person.unknown"
    person = register(api, {"name": "张三"})
    api.done(f"/persons/{person}/forget", {"basis": "PIPL 47"})
    assert api.refused("/cases", report | {"reporter": person})["code"] == "person.erased"
    assert api.refused("/cases", report | {"reporter": "张三"})["code"] == "case.personal_data"


def test_a_vault_that_does_not_hold_what_was_recorded_is_told_of(
    api: Caller, runtime: Runtime
) -> None:
    person = register(api, {"name": "张三"})
    runtime.vault.put(person, {"name": "李四", "_salt": "x"})
    found = problem(api.get(f"/persons/{person}", headers=WHY))
    assert found["code"] == "person.altered"


def test_a_correction_that_broke_off_leaves_what_was_before(api: Caller, runtime: Runtime) -> None:
    person = register(api, {"name": "张三"})
    before = runtime.vault.read(person)
    text = '{"name":"张三","_salt":"' + before["_salt"] + '"}'
    runtime.vault.put(person, {"name": "李四", "_salt": "y", "_before": text})
    assert shown(api, person)["fields"] == {"name": "张三"}
    api.done(f"/persons/{person}/correct", {"reason": "x", "data": {"name": "李四"}})
    assert shown(api, person)["fields"] == {"name": "李四"}


def test_the_schedule_forgets_each_once_and_nobody_whose_matter_is_open(
    api: Caller, runtime: Runtime
) -> None:
    body = {"category": "walker", "basis": "PIPL 13(3)", "data": {"name": "甲"}}
    free, held = (api.done("/persons", body)["id"] for _ in range(2))
    case = {"source": "hotline", "category": "c", "text": "x", "reporter": held, "case_id": "HELD"}
    api.done("/cases", case)
    runtime.catch_up()
    assert overdue(runtime.services, {"walker": 1}) == []
    assert [each.person_id for _, each in overdue(runtime.services, {"walker": 0})] == [free]
    assert retain(runtime.services, {"walker": 0}) == 1
    runtime.catch_up()
    assert retain(runtime.services, {"walker": 0}) == 0
    assert shown(api, free)["erased"]
    assert not shown(api, held)["erased"]
    api.done("/cases/HELD/void", {"reason": "twice"})
    runtime.catch_up()
    assert retain(runtime.services, {"walker": 0}) == 1
    (forgotten,) = [e for e in runtime.store.load(f"person-{held}") if "forgotten" in e.event.NAME]
    assert (forgotten.actor, forgotten.event.rule) == ("system:retention", "walker=0")  # type: ignore[attr-defined]
