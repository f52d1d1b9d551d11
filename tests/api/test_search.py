"""Whatever is on record is found: by number, unit, place, pseudonym and words, Chinese ones too."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from domain.errors import Invalid
from infra.runtime import Runtime
from projections.search import needles_in
from tests.api.caller import Caller

CARD = "11010519491231002X"


@pytest.fixture(scope="module", autouse=True)
def city(api: Caller) -> None:
    told = (
        ("S1", "督2026-0001", "井盖缺失", "人民路口井盖缺失有坠落危险", "lake"),
        ("S2", "督2026-0002", "暴露垃圾", "菜市场后门暴露垃圾", "hill"),
        ("S3", "督2026-0003", "井盖破损", "学校门前井盖破损", "hill"),
    )
    for case_id, number, category, text, unit in told:
        body = {
            "case_id": case_id, "case_no": number, "source": "patrol", "category": category,
            "text": text, "about": unit,
        }  # fmt: skip
        api.done("/cases", body, actor=quote("巡查员甲"))
    api.done("/cases/S3/file", {"standard": "市容-3"})
    api.done("/cases/S3/dispatch", {"unit": "lake"})
    api.done("/cases/S3/claim", {})
    api.done("/cases/S3/rectify", {"note": "已更换"})
    api.done("/cases/S3/order-rework", {"reason": "ＡＢＣ牌井盖仍松动"}, actor=quote("复核员"))


def found(api: Caller, q: str, **more: Any) -> list[tuple[str, str]]:
    return [(hit["kind"], hit["key"]) for hit in api.json("/search", q=q, **more)["items"]]


def test_a_number_on_paper_leads_to_its_case_before_anything_else(api: Caller) -> None:
    assert found(api, "督2026-0002")[0] == ("case", "S2")
    assert ("case", "S1") in found(api, "2026-0001")


def test_all_words_between_blanks_must_be_found(api: Caller) -> None:
    assert set(found(api, "井盖")) >= {("case", "S1"), ("case", "S3")}
    assert found(api, "井盖 学校") == [("case", "S3")]
    assert found(api, "井盖 菜市场") == []


def test_chinese_words_in_another_order_are_found_by_their_pairs(api: Caller) -> None:
    assert found(api, "缺失井盖")[0] == ("case", "S1")
    assert ("case", "S2") not in found(api, "缺失井盖")


def test_the_name_of_a_unit_finds_the_unit_and_its_matters(api: Caller) -> None:
    hits = found(api, "湖滨街道")
    assert hits[0] == ("unit", "lake")
    assert {("case", "S1"), ("case", "S3"), ("unit", "lake-1")} <= set(hits)
    assert found(api, "湖滨街道 学校") == [("case", "S3")]


def test_what_a_thing_said_earlier_is_found_too(api: Caller) -> None:
    assert ("case", "S3") in found(api, "山脚街道")  # it was about that unit before the dispatch


def test_full_width_letters_and_capitals_are_the_same_as_plain_ones(api: Caller) -> None:
    assert found(api, "牌井盖仍松动") == [("case", "S3")]
    assert needles_in("ＡＢＣ　Def").terms == ("abc", "def")


def test_whoever_did_something_is_found_by_name(api: Caller) -> None:
    assert found(api, "巡查员甲") == [("actor", "巡查员甲")]
    assert found(api, "复核员", kind="case") == []


def test_a_rule_is_found_by_its_title(api: Caller) -> None:
    assert found(api, "default", kind="policy") == [("policy", "default")]


def test_pages_go_on_where_the_one_before_ended(api: Caller) -> None:
    first = api.json("/search", q="井盖", limit=1)
    second = api.json("/search", q="井盖", limit=1, cursor=first["next"])
    keys = [hit["key"] for page in (first, second) for hit in page["items"]]
    assert sorted(keys) == ["S1", "S3"]
    assert second["next"] is None
    assert first["counts"] == {"case": 2}


def test_a_search_can_be_narrowed_by_kind_and_time(api: Caller) -> None:
    units = {key for _, key in found(api, "湖滨", kind="unit")}
    assert units == {"lake", "lake-1", "sweepers"}  # the last one hangs under it
    assert found(api, "井盖", to="2020-01-01T00:00:00Z") == []
    assert found(api, "井盖", **{"from": "2020-01-01T00:00:00Z"})


@pytest.mark.parametrize("text", [CARD, f"张某 {CARD}", "１３８ 1234 5678", "13812345678"])
def test_numbers_of_people_are_not_searched_for_in_an_address(api: Caller, text: str) -> None:
    answer = api.get("/search", q=text)
    assert answer.status_code == 400
    assert answer.json()["code"] == "search.personal"
    assert CARD not in answer.text


@pytest.mark.parametrize(
    ("q", "status"), [("", 422), ("   ", 400), ("长" * 300, 422), ("'; DROP TABLE words --", 200)]
)
def test_strange_searches_get_a_clear_answer(api: Caller, q: str, status: int) -> None:
    assert api.get("/search", q=q).status_code == status


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", '"', "\x00", "👷", "a" * 200, "井" * 200])
def test_no_character_has_a_meaning_of_its_own(api: Caller, q: str) -> None:
    assert api.get("/search", q=q).status_code == 200


def test_too_many_words_are_too_many_bits_and_still_answered(api: Caller) -> None:
    words = " ".join("井盖缺失有坠落危险人民路口学校门前" for _ in range(11))
    assert len(needles_in(words[:200]).every) <= 64
    assert api.get("/search", q=words[:200]).status_code == 200


def test_an_empty_question_is_refused_by_the_query_itself() -> None:
    with pytest.raises(Invalid) as refused:
        needles_in(" ")
    assert refused.value.code == "search.empty"


def test_a_search_is_recorded_without_its_words(api: Caller, runtime: Runtime) -> None:
    before = runtime.store.last_position()
    api.get("/search", q="张小明")
    (envelope,) = runtime.store.read(before, 10)
    event: Any = envelope.event
    assert (event.NAME, event.act, event.kind, event.channel) == (
        "access.recorded", "search", "search", "api",
    )  # fmt: skip
    assert event.asked.startswith("q=#")
    assert "张小明" not in event.asked
    assert envelope.recorded_at <= datetime.now(UTC)
