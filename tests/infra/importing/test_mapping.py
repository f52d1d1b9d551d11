"""A mapping is read strictly: a slip is told with its line, the wrong word and the right one."""

from pathlib import Path

import pytest

from domain.errors import Invalid, NotFound, Refused
from infra.importing.loading import load_mapping, parse, shipped
from tests.support.importing import CHECKS, ROOT


def refusal(text: str) -> str:
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert refused.value.code == "mapping.invalid"
    return refused.value.message


def line_of(text: str) -> int:
    return CHECKS[: CHECKS.index(text)].count("\n") + 1


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_mapping_loads(name: str) -> None:
    assert load_mapping(name).name == name


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("inspections:", "inspektions:", "unknown word 'inspektions': did you mean 'inspections'?"),
        ("type: integer", "typ: integer", "unknown word 'typ': did you mean 'type'?"),
        ("type: decimal", "type: decimol", "unknown value 'decimol': did you mean 'decimal'?"),
        ("id: visit", "id: vist", "no column 'vist' is declared: did you mean 'visit'?"),
        ("kind: company", "kind: compani", "unknown value 'compani': did you mean 'company'?"),
        ("{pass: pass", "{pass: pas", "unknown value 'pas': did you mean 'pass'?"),
        ("{value: patrol}", "{value: patroll}", "unknown value 'patroll': did you mean 'patrol'?"),
        ("Asia/Shanghai", "Asia/Shanghia", "'Asia/Shanghia' is no time zone"),
        ("date: day", "date: sign", "'date' needs a column of type date or datetime, not text"),
        ("actor: market-office", "#", "the word 'actor' is missing: who did what the rows tell of"),
        ("currency: CNY", "currency: yuan", "'currency' cannot be 'yuan'"),
        ("any_of: Ticket", "anyof: Ticket", "unknown word 'anyof': did you mean 'any_of'?"),
        ("latitude: 0.02", "latitude: -1", "'latitude' cannot be '-1'"),
        ("{column: sign}", "{column: sign, value: x}", "either 'column' or 'value'"),
        ("{column: day, type: date}", '{column: day, type: date, formats: "%Q"}',
         "'%Q' is no pattern of dates"),
        ("[Warning, At once, Ticket]}", "[Warning, At once, Ticket], default: X}",
         "'X' is not a known value"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_line_and_the_nearest_right_word(
    right: str, wrong: str, said: str
) -> None:
    assert CHECKS.count(right)
    message = refusal(CHECKS.replace(right, wrong))
    assert said in message
    if "is missing" not in said:
        assert f"line {line_of(right)}: " in message


def test_all_slips_are_told_at_once() -> None:
    message = refusal(CHECKS.replace("kind: company", "kind: x").replace("order:", "ordre:"))
    assert "'x'" in message
    assert "did you mean 'order'?" in message


def test_what_yaml_would_make_of_plain_words_does_not_matter() -> None:
    mapping = parse(CHECKS.replace("{pass: pass,", "{yes: pass, NO: closed, 012: pass,"))
    assert list(mapping.columns["verdict"].choices) == ["yes", "NO", "012", "closed"]


@pytest.mark.parametrize(
    "text",
    ["", "- a list", "name: [", "name: a\nname: b", "name: &x a\ntitle: *x", "a: " + "[" * 5000,
     "name: !!python/object:os.system x"],
)  # fmt: skip
def test_what_is_no_mapping_at_all_is_refused_in_a_sentence(text: str) -> None:
    message = refusal(text)
    assert "policy" not in message
    assert "Traceback" not in message


def test_a_table_tells_of_inspections_or_of_requests_or_of_readings() -> None:
    assert "either 'inspections' or 'requests' or 'readings'" in refusal(
        CHECKS[: CHECKS.index("inspections:")]
    )


def test_a_place_lies_in_a_district_or_a_grid() -> None:
    text = (ROOT / "infra/mappings/service-requests.yaml").read_text("utf-8")
    message = refusal(text.replace("name: district_name, kind: district", "kind: street"))
    assert "'kind: district' or a 'kind: grid'" in message


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(NotFound, match="did you mean 'dinesafe'"):
        load_mapping("dinsafe")


def test_a_file_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(CHECKS, encoding="utf-8")
    assert load_mapping(tmp_path / "my.yaml").name == "checks"
    with pytest.raises(NotFound, match="no mapping file"):
        load_mapping(tmp_path / "other.yaml")
    (tmp_path / "latin.yaml").write_bytes("title: Gemüse".encode("latin-1"))
    with pytest.raises(Refused, match="cannot be read"):
        load_mapping(tmp_path / "latin.yaml")
