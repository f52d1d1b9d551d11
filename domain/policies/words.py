"""The closed vocabulary of clauses: events, what may be asked of them, and who gets points."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from domain.cases.events import Source
from domain.inspections.events import Colour, Result
from domain.penalties.events import Decision

EventName = Literal[
    "inspection.recorded",
    "case.dispatched", "case.ruled", "case.claimed", "case.returned", "case.disputed",
    "case.rectified", "case.verified", "case.rework_ordered", "case.extension_approved",
    "case.suspended", "case.overdue", "case.closed", "case.reopened", "case.voided",
    "penalty.opened", "penalty.decided", "penalty.withdrawn",
]  # fmt: skip

FactWord = Literal[
    "source", "result", "colour", "score", "findings",
    "category", "severity", "on_the_spot", "late", "reworks", "bounces", "extensions",
    "changed_hands", "kind", "decision",
]  # fmt: skip

Recipient = Literal[
    "inspected_unit", "lead_unit", "assisting_units", "previous_unit", "penalised_unit"
]

# The id of the entry of 0 points that an event of ``touched_by`` gives; no clause may use it.
TOUCHED = "touched"


class Question(NamedTuple):
    """What a clause may ask: the nature of the answer, of which kinds of events (the part of
    their names before the dot), and, where the list of answers is closed, the answers."""

    nature: Literal["text", "flag", "number"]
    kinds: tuple[str, ...]
    answers: tuple[str, ...] = ()


QUESTIONS: Mapping[FactWord, Question] = {
    "source": Question("text", ("inspection", "case"), get_args(Source)),
    "result": Question("text", ("inspection",), get_args(Result)),
    "colour": Question("text", ("inspection",), get_args(Colour)),
    "score": Question("number", ("inspection",)),
    "findings": Question("number", ("inspection",)),
    "category": Question("text", ("case",)),
    "severity": Question("text", ("case",)),
    "on_the_spot": Question("flag", ("case",)),
    "late": Question("flag", ("case",)),
    "reworks": Question("number", ("case",)),
    "bounces": Question("number", ("case",)),
    "extensions": Question("number", ("case",)),
    "changed_hands": Question("flag", ("case",)),
    "kind": Question("text", ("penalty",)),
    "decision": Question("text", ("penalty",), get_args(Decision)),
}

RECIPIENTS: Mapping[str, tuple[Recipient, ...]] = {
    "inspection": ("inspected_unit",),
    "case": ("lead_unit", "assisting_units", "previous_unit"),
    "penalty": ("penalised_unit",),
}

OPERATORS: Mapping[str, tuple[str, ...]] = {
    "text": ("any_of", "not", "starts_with"),
    "flag": ("any_of", "not"),
    "number": ("any_of", "not", "at_least", "at_most", "above", "below"),
}

# 行政处罚法 art. 74: the income from fines may not feed any assessment, openly or in disguise.
FINE_WORDS = frozenset({
    "amount", "amount_fined", "fine", "fine_amount", "fine_income", "fined_amount", "fines",
    "income", "penalty_amount", "late_fee", "罚款", "罚款额", "罚款金额", "罚没收入", "滞纳金",
})  # fmt: skip

SPOKEN: Mapping[str, tuple[str, str]] = {
    "patrol": ("巡查", "patrol"),
    "open_check": ("明查", "open check"),
    "covert_check": ("暗访", "covert check"),
    "third_party": ("第三方检查", "third-party check"),
    "expert": ("专家评估", "expert assessment"),
    "morning_round": ("晨检", "morning round"),
    "night_round": ("夜查", "night round"),
    "hotline": ("热线", "hotline"),
    "citizen_snap": ("随手拍", "citizen's snap"),
    "media": ("媒体", "media"),
    "supervisor": ("督导员", "supervisor"),
    "pass": ("合格", "pass"),
    "conditional_pass": ("限期整改", "conditional pass"),
    "closed": ("责令关闭", "closed"),
    "scored": ("评分", "scored"),
    "green": ("绿", "green"),
    "yellow": ("黄", "yellow"),
    "red": ("红", "red"),
    "fined": ("罚款", "fined"),
    "suspended_sentence": ("缓刑", "suspended sentence"),
    "other": ("其他", "other"),
    "True": ("是", "yes"),
    "False": ("否", "no"),
    "": ("未注明", "not stated"),
    "None": ("未注明", "not stated"),
}


def kind_of(event: str) -> str:
    """``case.closed`` → ``case``."""
    return event.partition(".")[0]


def words_for(event: str) -> list[str]:
    """What a clause on this event may ask."""
    return [word for word, question in QUESTIONS.items() if kind_of(event) in question.kinds]
