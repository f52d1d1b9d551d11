"""Writes the sentences of one policy in one language, and marks what is assumed."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Literal

from domain.cases.events import Limit
from domain.periods import MONTHS
from domain.policies.header import Bilingual, Condition, PolicyFile, When
from domain.policies.wording.names import (
    CHOICE_NAMES,
    CLOCK_NAMES,
    FLAG_NAMES,
    QUESTION_NAMES,
    Names,
)
from domain.policies.words import QUESTIONS, SPOKEN

Language = Literal["zh", "en"]
FIELD = re.compile(r"\{(\w+)\}")
FIELD_NAMES: Names = {
    **QUESTION_NAMES,
    "points": ("分数", "points"),
    "place": ("名次", "place"),
    "period": ("考核期", "period"),
    "times": ("次数", "number of times"),
    "unit": ("单位", "unit"),
}


class Scribe:
    """``say`` picks the language; ``at`` does so too and marks the words when just this path of
    the file is assumed; ``article`` marks a whole sentence when what it stands under is."""

    def __init__(self, policy: PolicyFile, language: Language) -> None:
        self.language = language
        self.chinese = language == "zh"
        self._assumed = frozenset(policy.assumed)
        self.mark = "（推定）" if self.chinese else " (assumed)"

    def say(self, zh: str, en: str) -> str:
        return zh if self.chinese else en

    def at(self, path: str, zh: str, en: str) -> str:
        return self.say(zh, en) + (self.mark if path in self._assumed else "")

    def is_assumed(self, path: str) -> bool:
        return path in self._assumed

    def joined(self, *sentences: str) -> str:
        return ("" if self.chinese else " ").join(sentence for sentence in sentences if sentence)

    def article(self, path: str, *sentences: str) -> str:
        text = self.joined(*sentences)
        steps = path.split(".")
        above = {".".join(steps[: length + 1]) for length in range(len(steps))}
        return text + (self.mark if above & self._assumed else "")

    def named(self, names: Names, word: str) -> str:
        return self.say(*names[word])

    def choice(self, path: str, word: str, choice: str) -> str:
        """What was chosen for a word of the file."""
        return self.at(path, *CHOICE_NAMES[f"{word}.{choice}"])

    def text(self, both: Bilingual) -> str:
        return self.say(both.zh, both.en)

    def quoted(self, text: str) -> str:
        return f"“{text}”"

    def reason(self, reason: Bilingual) -> str:
        """The sentence with what will stand in its fields, such as 〔返工次数〕."""

        def field(found: re.Match[str]) -> str:
            names = FIELD_NAMES.get(found[1])
            return self.say(f"〔{names[0]}〕", f"[{names[1]}]") if names else found[0]

        return self.quoted(FIELD.sub(field, self.text(reason)))

    def basis(self, article: str | None) -> str:
        return self.say(f"依据：{article}。", f"Basis: {article}.") if article else ""

    def either(self, words: Iterable[str]) -> str:
        return self.say("或", " or ").join(words)

    def all_of(self, words: Iterable[str]) -> str:
        return self.say("、", ", ").join(words)

    def number(self, number: Decimal | int) -> str:
        plain = format(number, ",f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain

    def limit(self, path: str, limit: Limit) -> str:
        zh, en = CLOCK_NAMES[limit.clock]
        en = en.replace("hours", "hour").replace("days", "day") if limit.amount == 1 else en
        amount = self.at(f"{path}.amount", f"{limit.amount:g}", f"{limit.amount:g}")
        clock = self.at(f"{path}.clock", zh, en)
        return self.at(path, f"{amount}{clock}", f"{amount} {clock}")

    def moment(self, moment: datetime, zone: str) -> str:
        day = self.say(
            f"{moment.year}年{moment.month}月{moment.day}日",
            f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}",
        )
        where = moment.strftime("%z") if moment.tzinfo else zone
        if moment.time() == time():
            return f"{day} ({where})"
        return f"{day} {moment.strftime('%H:%M:%S')} ({where})"

    def conditions(self, path: str, when: When) -> str:
        """All that must hold, as the middle of a sentence; empty: nothing must."""
        parts = []
        for word, condition in when.items():
            text = self._condition(word, condition)
            parts.append(self.at(f"{path}.{word}", text, text))
        return self.at(path, "且".join(parts), " and ".join(parts)) if parts else ""

    def _condition(self, word: str, condition: Condition) -> str:
        if QUESTIONS[word].nature == "flag":  # type: ignore[index]
            return self._flag(word, condition)
        zh, en = QUESTION_NAMES[word]
        parts = []
        if condition.any_of is not None:
            told = self.either(self._value(word, value) for value in condition.any_of)
            parts.append(self.say(f"{zh}为{told}", f"{en} is {told}"))
        if condition.none_of is not None:
            told = self.all_of(self._value(word, value) for value in condition.none_of)
            parts.append(self.say(f"{zh}不为{told}", f"{en} is none of {told}"))
        if condition.starts_with is not None:
            told = self.either(self.quoted(value) for value in condition.starts_with)
            parts.append(self.say(f"{zh}以{told}开头", f"{en} begins with {told}"))
        for bound, said, english in (
            (condition.at_least, "不少于", "is at least"),
            (condition.at_most, "不多于", "is at most"),
            (condition.above, "多于", "is more than"),
            (condition.below, "少于", "is less than"),
        ):
            if bound is not None:
                number = self.number(bound)
                parts.append(self.say(f"{zh}{said}{number}", f"{en} {english} {number}"))
        return self.say("且", " and ").join(parts)

    def _flag(self, word: str, condition: Condition) -> str:
        wanted = [self._truth(value) for value in condition.any_of or ()]
        wanted += [not self._truth(value) for value in condition.none_of or ()]
        return self.either(self.say(*FLAG_NAMES[word][0 if true else 1]) for true in wanted)

    def _truth(self, value: str) -> bool:
        return value.casefold() == "true"

    def _value(self, word: str, value: str) -> str:
        question = QUESTIONS[word]  # type: ignore[index]
        closed = question.answers and value.casefold() in SPOKEN
        return self.say(*SPOKEN[value.casefold()]) if closed else self.quoted(value)


def numeral(number: int) -> str:
    """A whole number from 1 to 9999 in Chinese: 第十二条, 第一百零五条."""
    digits, units = "零一二三四五六七八九", ("", "十", "百", "千")
    text, gap = "", False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            text += ("零" if gap and text else "") + digits[digit] + units[power]
        gap = not digit
    return text[1:] if text.startswith("一十") else text


def listed(scribe: Scribe, parts: Sequence[str]) -> str:
    """The parts of an article: （1）…；（2）…"""
    marks = [scribe.say(f"（{n}）", f"({n}) ") + part for n, part in enumerate(parts, 1)]
    return scribe.say("；", "; ").join(marks) + scribe.say("。", ".")
