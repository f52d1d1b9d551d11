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
    "slip.issued", "slip.failed", "accountability.decided", "reading.recorded",
]  # fmt: skip

FactWord = Literal[
    "source", "result", "colour", "score", "findings",
    "category", "severity", "on_the_spot", "late", "reworks", "bounces", "extensions",
    "changed_hands", "kind", "decision", "action", "indicator", "value",
]  # fmt: skip

Recipient = Literal[
    "inspected_unit", "lead_unit", "assisting_units", "previous_unit", "penalised_unit",
    "supervised_unit", "accountable_unit", "measured_unit",
]  # fmt: skip

# What may be proposed, and what becomes of it; said here too, because policies name them.
ACTIONS = ("reminder", "interview", "circulated_criticism", "veto", "referral")
RULINGS = ("ordered", "declined")

# The id of the entry of 0 points that an event of ``touched_by`` gives; no clause may use it.
TOUCHED = "touched"


class Question(NamedTuple):
    """What a clause may ask: the nature of the answer, of which kinds of events (the part of
    their names before the dot), and, where the list of answers is closed, the answers; ``lists``
    says which of them each kind of event can give, if not all kinds give all of them."""

    nature: Literal["text", "flag", "number"]
    kinds: tuple[str, ...]
    answers: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = {}

    def answers_of(self, kind: str) -> tuple[str, ...]:
        """The closed list of answers of a kind of event; empty: any text."""
        return self.lists.get(kind, self.answers)


QUESTIONS: Mapping[FactWord, Question] = {
    "source": Question("text", ("inspection", "case"), get_args(Source)),
    "result": Question("text", ("inspection",), get_args(Result)),
    "colour": Question("text", ("inspection", "slip"), get_args(Colour), {"slip": ()}),
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
    "decision": Question(
        "text", ("penalty", "accountability"), (*get_args(Decision), *RULINGS),
        {"penalty": get_args(Decision), "accountability": RULINGS},
    ),
    "action": Question("text", ("accountability",), ACTIONS),
    "indicator": Question("text", ("reading",)),
    "value": Question("number", ("reading",)),
}  # fmt: skip

RECIPIENTS: Mapping[str, tuple[Recipient, ...]] = {
    "inspection": ("inspected_unit",),
    "case": ("lead_unit", "assisting_units", "previous_unit"),
    "penalty": ("penalised_unit",),
    "slip": ("supervised_unit",),
    "accountability": ("accountable_unit",),
    "reading": ("measured_unit",),
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
    "white": ("白", "white"),
    "blue": ("蓝", "blue"),
    "orange": ("橙", "orange"),
    "fined": ("罚款", "fined"),
    "suspended_sentence": ("缓刑", "suspended sentence"),
    "other": ("其他", "other"),
    "reminder": ("提醒", "reminder"),
    "interview": ("约谈", "interview"),
    "circulated_criticism": ("通报批评", "circulated criticism"),
    "veto": ("一票否决", "one-vote veto"),
    "referral": ("移送纪委监委", "referral to the discipline commission"),
    "ordered": ("决定实施", "ordered"),
    "declined": ("不予问责", "declined"),
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
