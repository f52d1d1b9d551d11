"""From facts to score entries: a policy is prepared once, then answers in about a microsecond."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from domain.policies.header import Condition, When
from domain.policies.model import Clause, Multiplier, Reading, ScoringPolicy
from domain.policies.words import QUESTIONS, SPOKEN, TOUCHED, Recipient, kind_of

# Entries are kept to four decimals, whatever a multiplication gives.
SMALLEST = Decimal("0.0001")
ARITHMETIC = Context(prec=50, rounding=ROUND_HALF_UP)
REMEMBERED = 10_000
ZERO = Decimal(0)
NO_POINTS = ("有记录，不加减分", "on record, no points")


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event with what a policy may know about it at that moment.

    ``unit`` is the inspected, leading, penalised, supervised, accountable or measured unit;
    ``previous_unit`` the lead before this dispatch or ruling (empty for the first). ``reworks``,
    ``bounces`` and ``extensions`` count this event too. ``late``: rectified or closed after the
    deadline in force. ``corrects`` is, on ``inspection.corrected`` and ``reading.corrected``, the
    fact that was wrong.
    """

    event: str
    unit: str
    assisting: tuple[str, ...] = ()
    previous_unit: str = ""
    case_id: str = ""
    inspection_id: str = ""
    penalty_id: str = ""
    slip_id: str = ""
    accountability_id: str = ""
    reading_id: str = ""
    source: str = ""
    category: str = ""
    severity: str = ""
    result: str = ""
    colour: str = ""
    score: Decimal | None = None
    findings: int = 0
    on_the_spot: bool = False
    late: bool = False
    reworks: int = 0
    bounces: int = 0
    extensions: int = 0
    kind: str = ""
    decision: str = ""
    action: str = ""
    indicator: str = ""
    value: Decimal | None = None
    corrects: "Fact | None" = None

    @property
    def changed_hands(self) -> bool:
        """The leading unit is not the one that had the case before."""
        return self.unit != self.previous_unit


class Entry(msgspec.Struct, frozen=True, gc=False):
    """Points for a unit, by which clause of which policy (its ``ref``), and why. ``veto``: 1 if
    the clause vetoes the unit, -1 if a correction takes that back. ``multipliers`` are the ids of
    those that are in the points."""

    unit: str
    points: Decimal
    clause: str
    policy: str
    reason_zh: str
    reason_en: str
    veto: int = 0
    multipliers: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """What one clause says about all facts that answer its questions alike."""

    to: Recipient
    points: Decimal
    clause: str
    reason_zh: str
    reason_en: str
    veto: int
    multipliers: tuple[str, ...]


def score(policy: ScoringPolicy, fact: Fact) -> Sequence[Entry]:
    """The entries a fact gives under a policy, in the order of its clauses.

    A corrected inspection or reading is judged again under the same policy and gives the
    difference; so the caller passes the policy that the wrong record was judged by.
    """
    return scorer(policy).score(fact)


@lru_cache(maxsize=256)
def scorer(policy: ScoringPolicy) -> "Scorer":
    return Scorer(policy)


class Scorer:
    """A policy prepared by event. Facts that answer the event's questions alike get the same
    verdicts, so each combination of answers is judged once and remembered."""

    def __init__(self, policy: ScoringPolicy) -> None:
        self._policy = policy.ref
        clauses: dict[str, list[Clause]] = {event: [] for event in policy.touched_by}
        for clause in policy.clauses:
            for event in clause.on:
                clauses.setdefault(event, []).append(clause)
        self._benches = {
            event: _Bench(event, found, policy.multipliers, event in policy.touched_by)
            for event, found in clauses.items()
        }

    def score(self, fact: Fact) -> Sequence[Entry]:
        bench = self._benches.get(fact.event)
        if bench is None:
            return self._difference(fact, fact.corrects) if fact.corrects is not None else ()
        policy = self._policy
        entries: list[Entry] = []
        for to, points, clause, zh, en, veto, multipliers in bench.verdicts(fact):
            for unit in _units(to, fact):
                entries.append(Entry(unit, points, clause, policy, zh, en, veto, multipliers))
        if bench.touches and fact.unit and fact.unit not in [entry.unit for entry in entries]:
            entries.append(Entry(fact.unit, ZERO, TOUCHED, policy, *NO_POINTS))
        return entries

    def _difference(self, fact: Fact, wrong: Fact) -> Sequence[Entry]:
        right = msgspec.structs.replace(fact, event=wrong.event, corrects=None)
        before = {(e.unit, e.clause): e for e in self.score(wrong)}
        after = {(e.unit, e.clause): e for e in self.score(right)}
        entries: list[Entry] = []
        for key in dict.fromkeys((*before, *after)):
            old, new = before.get(key), after.get(key)
            entry = new or old
            points = (new.points if new else ZERO) - (old.points if old else ZERO)
            veto = (new.veto if new else 0) - (old.veto if old else 0)
            if entry is not None and (points or veto):
                entries.append(_corrected(entry, points, veto))
        return entries


def _corrected(entry: Entry, points: Decimal, veto: int) -> Entry:
    return msgspec.structs.replace(
        entry,
        points=points,
        veto=veto,
        reason_zh=f"更正记录：{entry.reason_zh}",
        reason_en=f"record corrected: {entry.reason_en}",
    )


def _units(to: Recipient, fact: Fact) -> Iterable[str]:
    if to == "assisting_units":
        return dict.fromkeys(unit for unit in fact.assisting if unit)
    if to == "previous_unit":
        return (fact.previous_unit,) if fact.previous_unit and fact.changed_hands else ()
    return (fact.unit,) if fact.unit else ()


class _Bench:
    """The clauses of one event, and the verdicts they have given."""

    def __init__(
        self,
        event: str,
        clauses: Sequence[Clause],
        multipliers: Sequence[Multiplier],
        touches: bool,
    ) -> None:
        self.touches = touches
        self._clauses = clauses
        self._multipliers = [each for each in multipliers if _can_answer(event, each)]
        self._answers = _answers(clauses, self._multipliers)
        self._known: dict[Hashable, tuple[Verdict, ...]] = {}

    def verdicts(self, fact: Fact) -> tuple[Verdict, ...]:
        answers = self._answers(fact)
        known = self._known.get(answers)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            multipliers = [each for each in self._multipliers if _all_hold(each.when, fact)]
            found = (_judge(clause, multipliers, fact) for clause in self._clauses)
            known = tuple(verdict for verdict in found if verdict is not None)
            self._known[answers] = known
        return known


def _can_answer(event: str, multiplier: Multiplier) -> bool:
    """A multiplier that asks what the event cannot answer is not meant for it."""
    return all(kind_of(event) in QUESTIONS[word].kinds for word in multiplier.when)


def _answers(
    clauses: Sequence[Clause], multipliers: Sequence[Multiplier]
) -> Callable[[Fact], Hashable]:
    """Reads from a fact everything that the clauses ask, compute with or name in a reason."""
    asked: set[str] = set()
    for multiplier in multipliers:
        asked.update(multiplier.when)
    for clause in clauses:
        asked.update(clause.when)
        if isinstance(clause.points, Reading):
            asked.add(clause.points.read)
        sentences = clause.reason.zh + clause.reason.en
        asked.update(word for word in QUESTIONS if f"{{{word}}}" in sentences)
    if not asked:
        return lambda fact: None
    read: Callable[[Fact], Hashable] = attrgetter(*sorted(asked))
    return read


def _judge(clause: Clause, multipliers: Sequence[Multiplier], fact: Fact) -> Verdict | None:
    if not _all_hold(clause.when, fact):
        return None
    factors = [each for each in multipliers if not each.clauses or clause.id in each.clauses]
    points = _points(clause.points, factors, fact)
    if points is None:
        return None
    zh, en = (
        sentence.format_map(
            {**spoken(fact, language), "points": f"{points.normalize(ARITHMETIC):f}"}
        )
        for language, sentence in enumerate((clause.reason.zh, clause.reason.en))
    )
    ids = tuple(each.id for each in factors)
    return Verdict(clause.to, points, clause.id, zh, en, int(clause.veto), ids)


def _all_hold(when: When, fact: Fact) -> bool:
    return all(holds(condition, getattr(fact, word)) for word, condition in when.items())


def _points(points: Decimal | Reading, factors: Sequence[Multiplier], fact: Fact) -> Decimal | None:
    """Multiplied exactly, then rounded half up to what entries are kept in. ``None``: the number
    to be read is not known, so the clause does not speak."""
    if isinstance(points, Reading):
        number = getattr(fact, points.read)
        if number is None:
            return None
        above = ARITHMETIC.subtract(Decimal(number), points.minus)
        exact = ARITHMETIC.multiply(above, points.times)
    elif not factors:
        return points
    else:
        exact = points
    for factor in factors:
        exact = ARITHMETIC.multiply(exact, factor.times)
    return exact.quantize(SMALLEST, context=ARITHMETIC)


def spoken(fact: Fact, language: int) -> Mapping[str, str]:
    """What a reason may name, with the words of closed lists in its language (0 zh, 1 en). Equal
    numbers read alike: verdicts are remembered by the answers, and 96 is 96.0000 from a table."""
    named: dict[str, str] = {}
    for word, question in QUESTIONS.items():
        said = getattr(fact, word)
        answer = f"{said.normalize(ARITHMETIC):f}" if isinstance(said, Decimal) else str(said)
        closed = question.answers or question.nature == "flag" or answer in ("", "None")
        named[word] = SPOKEN[answer][language] if closed and answer in SPOKEN else answer
    return named


def holds(condition: Condition, answer: Any) -> bool:
    """Whether an answer meets a condition; an unknown number (``None``) never does."""
    if answer is None:
        return False
    plain = str(answer).casefold()
    if isinstance(answer, str | bool):
        same = [plain == value.casefold() for value in condition.any_of or ()]
        other = [plain == value.casefold() for value in condition.none_of or ()]
    else:
        number = Decimal(answer)
        same = [number == Decimal(value) for value in condition.any_of or ()]
        other = [number == Decimal(value) for value in condition.none_of or ()]
        if not _within(condition, number):
            return False
    starts = [plain.startswith(value.casefold()) for value in condition.starts_with or ()]
    return (any(same) or not same) and not any(other) and (any(starts) or not starts)


def _within(condition: Condition, number: Decimal) -> bool:
    return (
        (condition.at_least is None or number >= condition.at_least)
        and (condition.at_most is None or number <= condition.at_most)
        and (condition.above is None or number > condition.above)
        and (condition.below is None or number < condition.below)
    )
