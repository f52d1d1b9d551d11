"""Persons and readers on the command line: what is shown there is recorded like everything else."""

import io
import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from domain.access.events import AccessRecorded
from domain.errors import Refused
from domain.registry import Registry
from infra.access.waiting import take_in, waiting
from infra.cli import main
from infra.embedded import embedded
from infra.event_store.store import SqliteEventStore
from infra.settings import Settings
from tests.support.cities import synthetic

Duban = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("city")
    synthetic(folder)
    return folder


@pytest.fixture
def duban(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Duban:
    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:

        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        capsys.readouterr()
        status = main([*words, "--data", str(data)])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def recorded(data: Path) -> list[tuple[str, AccessRecorded]]:
    with closing(SqliteEventStore.open_read_only(data / "events.sqlite", Registry())) as store:
        found = store.load_kind("access")
    return [(e.actor, e.event) for e in found if isinstance(e.event, AccessRecorded)]


def a_case(data: Path) -> str:
    with closing(SqliteEventStore.open_read_only(data / "events.sqlite", Registry())) as store:
        return store.load_kind("case")[0].key


def test_a_person_lives_and_is_forgotten(duban: Duban, data: Path) -> None:
    basis = ("--category", "reporter", "--basis", "PIPL 13(3)", "--actor", "李四")
    _, out, _ = duban("persons", "register", *basis, stdin='{"name": "王小明", "id_number": "77"}')
    person = out.strip()
    status, _, err = duban("persons", "show", person)
    assert (status, "[purpose.missing]" in err) == (1, True)
    _, out, _ = duban("persons", "show", person, "--purpose", "call back", "--actor", "李四")
    assert json.loads(out)["name"] == "王小明"
    assert recorded(data)[-1] == (
        "李四",
        AccessRecorded(act="open", channel="cli", kind="persons", key=person, purpose="call back"),
    )
    _, out, _ = duban("persons", "find", "--purpose", "a request", stdin="77\n")
    assert out.strip() == person
    assert "forgotten: key and data" in duban("forget", person, "--basis", "PIPL 47")[1]
    assert "before" in duban("forget", person, "--basis", "PIPL 47")[1]
    assert "已删除 erased" in duban("persons", "show", person, "--purpose", "x")[1]
    assert duban("persons", "find", "--purpose", "x", stdin="77\n")[0] == 1
    assert f"{person}  reporter  forgotten" in duban("persons", "list")[1]
    assert duban("verify")[0] == 0


def test_what_is_no_data_of_a_person_is_refused_without_repeating_it(duban: Duban) -> None:
    for sent in ('{"age": "7"}', "王小明", '{"name": 1}'):
        words = ("persons", "register", "--category", "c", "--basis", "b")
        status, _, err = duban(*words, stdin=sent)
        assert (status, "[person.fields]" in err, "王小明" in err) == (1, True, False)


def test_cases_rankings_reasons_and_questions_are_recorded(duban: Duban, data: Path) -> None:
    case = a_case(data)
    before = len(recorded(data))
    why = ("--actor", "auditor", "--purpose", "audit")
    assert duban("case", "show", case, *why)[0] == 0
    assert duban("rank", "2026-03", *why)[0] == 0
    assert duban("why", "case", case, *why)[0] == 0
    sql = "SELECT count() FROM cases WHERE text LIKE '%王小明%' -- 王小明"
    assert duban("query", sql, *why)[0] == 0
    told = recorded(data)[before:]
    assert {actor for actor, _ in told} == {"auditor"}
    assert {event.purpose for _, event in told} == {"audit"}
    assert [(event.kind, event.key) for _, event in told] == [
        ("cases", case), ("rankings", "2026-03"), ("why", f"case/{case}"), ("tables", ""),
    ]  # fmt: skip
    asked = told[-1][1].asked
    assert asked.startswith("SELECT count() FROM cases WHERE text LIKE ?")
    assert "王小明" not in asked
    _, out, _ = duban("readers", "--reader", "auditor", "--kind", "cases")
    assert case in out
    assert "auditor" in duban("readers")[1]


def test_a_case_shown_while_the_city_is_served_waits_for_the_log(duban: Duban, data: Path) -> None:
    case, settings = a_case(data), Settings(data_dir=data)
    with closing(embedded(settings)) as served:
        before = served.store.last_position()
        assert duban("case", "show", case, "--actor", "auditor", "--purpose", "audit")[0] == 0
        assert len(list(waiting(settings))) == 1
        assert take_in(settings, served.services.accesses.record) == 1
        assert list(waiting(settings)) == []
        (envelope,) = served.store.read(before, 10)
        assert (envelope.actor, envelope.event) == (
            "auditor",
            AccessRecorded(act="open", channel="cli", kind="cases", key=case, purpose="audit"),
        )


def test_what_waits_and_cannot_be_read_is_left_and_hinders_nothing(data: Path) -> None:
    settings = Settings(data_dir=data)
    (data / "reads").mkdir(exist_ok=True)
    spoiled = data / "reads" / "0.json"
    spoiled.write_text("{")
    assert take_in(settings, lambda access: None) == 0
    assert spoiled.exists()
    spoiled.unlink()


def test_a_case_is_not_shown_where_it_cannot_be_recorded(duban: Duban, data: Path) -> None:
    case, settings = a_case(data), Settings(data_dir=data)
    with closing(embedded(settings)):
        folder = data / "reads"
        if folder.exists():
            folder.rmdir()
        folder.write_text("in the way")
        try:
            status, out, err = duban("case", "show", case)
            assert (status, out) == (1, "")
            assert "[access.unrecorded]" in err
        finally:
            folder.unlink()


def test_the_doctor_names_the_state_of_the_vault(duban: Duban, data: Path) -> None:
    words = ("persons", "register", "--category", "c", "--basis", "b")
    duban(*words, stdin='{"name": "张三"}')
    assert "ok     vault: " in duban("doctor")[1]
    key, vault = data / "vault.key", data / "vault.sqlite"
    for moved, code in ((key, "vault.no_key"), (vault, "vault.missing")):
        away = moved.with_suffix(".away")
        moved.rename(away)
        try:
            assert f"[{code}]" in duban("doctor")[1]
        finally:
            away.rename(moved)
    rotated = duban("persons", "rotate-key")
    assert rotated[0] == 0
    assert "ok     vault: " in duban("doctor")[1]


def test_a_vault_restored_from_before_a_forgetting_forgets_again(duban: Duban, data: Path) -> None:
    words = ("persons", "register", "--category", "c", "--basis", "b")
    person = duban(*words, stdin='{"name": "张三"}')[1].strip()
    backup = (data / "vault.sqlite").read_bytes()
    duban("forget", person, "--basis", "PIPL 47")
    for rest in data.glob("vault.sqlite*"):
        rest.unlink()
    (data / "vault.sqlite").write_bytes(backup)
    assert "已删除 erased" in duban("persons", "show", person, "--purpose", "x")[1]
    duban("persons", "list")
    settings = Settings(data_dir=data)
    with closing(embedded(settings, follow=False)) as city, pytest.raises(Refused, match="erased"):
        city.vault.read(person)


def test_the_schedule_is_a_setting(duban: Duban, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "[retention.none]" in duban("persons", "retain")[2]
    monkeypatch.setenv("DUBAN_RETENTION", "reporter=0")
    assert "[settings.invalid]" in duban("persons", "retain")[2]
    monkeypatch.setenv("DUBAN_RETENTION", "reporter=730, witness=30")
    assert "0 persons forgotten" in duban("persons", "retain")[1]
