"""Any policy can be read as prose in both languages, and nothing it says is left out of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from domain.cases.events import Limit
from domain.policies.header import PolicyFile
from domain.policies.kinds import KINDS
from domain.policies.loading import load
from domain.policies.prose import prose, render
from domain.policies.wording import names
from domain.policies.wording.scribe import Language, numeral
from domain.policies.words import QUESTIONS, EventName, Recipient
from infra.bundled import preset_folder, presets
from tests.domain.test_policy_vocabulary import complete
from tests.support.policy_kinds import file

LANGUAGES: tuple[Language, ...] = ("zh", "en")
CITIES = [body for name in presets() for body in preset_folder(name).values()]
# What stands in one language only, or (ids) only beside what is told.
ONE_LANGUAGE = re.compile(r"\.(zh|en)$")


def read(body: str, language: Language) -> str:
    return render(load(body), language)


def test_money_is_an_ordinance_that_can_be_signed() -> None:
    told = read(preset_folder("shenyang")["money.yaml"], "zh")
    assert "制定机关：沈阳市创建国家卫生城市工作机构" in told
    assert "施行日期：2000年1月1日 (Asia/Shanghai)（推定）" in told
    assert "第二条　末位〔last〕：倒数第1名扣款3,000,000元。" in told
    assert "不是行政处罚的罚款" in told
    assert "参加排名的单位少于4个（推定）的，不扣不奖。" in told
    assert re.search(
        r"文本摘要（SHA-256）：[0-9a-f]{64}\n签发人：_+\n单位（盖章）：_+\n日期：_+\n", told
    )


def test_the_same_in_english() -> None:
    told = read(preset_folder("shenyang")["money.yaml"], "en")
    assert "Article 2  Last [last]: number 1 from the last: deduction of CNY 3,000,000." in told
    assert "In force from: 1 January 2000 (Asia/Shanghai) (assumed)" in told
    assert "With fewer than 4 units (assumed) ranked nobody pays" in told
    assert re.search(r"Signed by: _+\nFor \(seal\): _+\nDate: _+\n", told)


def test_limits_and_conditions_are_told_in_words() -> None:
    slips = read(complete()["supervision"], "zh")
    assert "适用于来源不为媒体的案卷" in slips
    assert "白色督办单（白），由督查办发出，送达后3个工作日（推定）内答复" in slips
    assert (
        "案卷被责令返工，返工次数不少于2的，自黄起，事由“第〔返工次数〕次返工”（第四条）" in slips
    )
    assert "24个紧急小时（昼夜连续计算）" in slips
    english = " ".join(read(complete()["supervision"], "en").split())
    assert "to be answered within 1 working day of service" in english
    assert "a slip that is not met always leads to the next colour" in english.lower()


def test_windows_of_accountability_are_told_in_words() -> None:
    told = read(complete()["accountability"], "zh")
    assert "单位同一自然年内（推定）第2次列入榜单〔black〕的，建议移送纪委监委" in told
    assert "连续（其间没有其他督办单）第3次收到红督办单的，建议约谈" in told
    english = " ".join(read(complete()["accountability"], "en").split())
    assert "for the 2nd time within one calendar year (assumed)" in english


def test_articles_are_numbered_without_a_gap() -> None:
    policy = load(complete()["scoring"])
    numbers = [number for number, _ in prose(policy, "zh").articles]
    assert numbers == [f"第{numeral(n)}条" for n in range(1, len(numbers) + 1)]


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九"), (100, "一百"),
     (105, "一百零五"), (110, "一百一十"), (1000, "一千"), (1005, "一千零五"),
     (2050, "二千零五十")],
)  # fmt: skip
def test_chinese_numerals(number: int, text: str) -> None:
    assert numeral(number) == text


@pytest.mark.parametrize("body", CITIES, ids=lambda body: load(body).id)
def test_every_bundled_policy_can_be_read_and_shows_what_is_assumed(body: str) -> None:
    policy = load(body)
    for language, mark in (("zh", "（推定）"), ("en", "(assumed)")):
        told = " ".join(render(policy, language).split())
        assert "{" not in told.replace("{{", "")
        assert told.count(mark) > 1
        bare = policy.model_copy(update={"assumed": ()})
        assert render(bare, language).count(mark) == bare.issued_by.count(mark)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_marking_any_word_as_assumed_marks_it_in_the_prose(kind: str, language: Language) -> None:
    policy = load(complete()[kind]).model_copy(update={"assumed": ()})
    mark = "（推定）" if language == "zh" else "(assumed)"
    for word in type(policy).model_fields:
        if word not in ("id", "kind", "version", "title", "assumed", "timezone"):
            marked = policy.model_copy(update={"assumed": (word,)})
            above = prose(marked, language)
            shown = str((above.head, above.articles[:-1]))
            assert mark in " ".join(shown.split()), word


Change = tuple[str, PolicyFile]


def changed(model: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The model with one thing in it changed, for everything in it."""
    for name, field in type(model).model_fields.items():
        here = f"{path}.{name}"
        for where, value in others(getattr(model, name), field.annotation, here):
            yield where, model.model_copy(update={name: value})


def others(value: Any, annotation: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        yield from changed(value, path)
    elif isinstance(value, tuple | dict):
        for key in value if isinstance(value, dict) else range(len(value)):
            for where, other in others(value[key], None, f"{path}.{key}"):
                whole: Any = dict(value) if isinstance(value, dict) else list(value)
                whole[key] = other
                yield where, whole if isinstance(value, dict) else tuple(whole)
    elif value is not None:
        yield path, other_than(value, annotation)


def other_than(value: Any, annotation: Any) -> Any:
    literal = [a for a in (annotation, *get_args(annotation)) if get_origin(a) is Literal]
    if literal:
        return next((c for c in get_args(literal[0]) if c != value), value)
    match value:
        case bool():
            return not value
        case Limit():
            return replace(value, amount=value.amount + 1)
        case datetime():
            return value + timedelta(days=40)
        case int() | Decimal():
            return value + 1
        case str():
            return OTHER_WORD.get(value, f"{value}-x")
    return value


# Words of closed lists inside lists, where no type says what else there is.
OTHER_WORD = {
    "inspection.recorded": "case.verified", "case.closed": "case.verified",
    "case.overdue": "case.verified", "case.dispatched": "case.reopened",
    "case.ruled": "case.reopened", "case.rework_ordered": "case.reopened",
    "accountability.decided": "case.reopened", "district": "grid", "street": "grid",
    "month": "day", "suspended": "extended", "true": "false", "scored": "pass",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_policy_says_is_left_out(kind: str) -> None:
    policy = load(complete()[kind]).model_copy(update={"assumed": ()})
    before = {language: render(policy, language) for language in LANGUAGES}
    missing = []
    for path, other in changed(policy):
        only = ONE_LANGUAGE.search(path)
        for language in LANGUAGES:
            wanted = only is None or only[1] == language
            if wanted and render(other, language) == before[language]:
                missing.append(f"{path} ({language})")
    assert [path for path in missing if not path.startswith(".kind ")] == []


def test_every_word_has_a_name_in_both_languages() -> None:
    assert set(names.EVENT_NAMES) == set(get_args(EventName))
    assert set(names.QUESTION_NAMES) == set(QUESTIONS)
    assert set(names.RECIPIENT_NAMES) == set(get_args(Recipient))
    assert set(names.FLAG_NAMES) == {w for w, q in QUESTIONS.items() if q.nature == "flag"}
    assert set(names.KIND_NAMES) == set(KINDS)


def test_the_other_shapes_are_told_too() -> None:
    bands = {
        "by": "points", "otherwise": "green", "board": "b", "period": "month",
        "bands": [{"colour": "red", "below": 60}, {"colour": "purple", "below": 75}],
    }  # fmt: skip
    told = read(file("supervision", unit_colour=bands), "zh")
    assert "按考评榜〔b〕本月得分确定：（1）低于60分为红；（2）低于75分为“purple”。" in told
    rolling = file("accountability").replace('"within": "year"', '"within": "rolling", "days": 90')
    assert "90日内第2次" in read(rolling, "zh")
    noon = read(file("appeals", effective_from="2026-03-01T12:30:00+08:00"), "en")
    assert "In force from: 1 March 2026 12:30:00 (+0800)" in noon
