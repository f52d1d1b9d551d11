"""What is searched: the words of every thing, a row whenever an event changes them."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from domain.evidence.events import EvidenceAttached, EvidenceCorrected
from domain.policies.events import PolicyAdopted
from projections.projection import Facts, Step
from projections.rules import Rules

# By kind of stream: what a thing is called, and what else it is found by. Codes are left out: in
# the reader's language they are other words.
NAMES: Mapping[str, str] = {
    "case": "case_no", "unit": "name", "inspection": "", "penalty": "case_id", "slip": "number",
    "money": "number", "listing": "subject", "accountability": "person", "appeal": "subject",
    "ranking": "period", "reading": "indicator", "person": "category", "policy": "",
}  # fmt: skip
WORDS: Mapping[str, Sequence[str]] = {
    "case": ("category", "text", "address", "reason"),
    "unit": ("code", "address", "peer_group"),
    "inspection": ("note",),
    "penalty": ("grounds", "note"),
    "slip": ("matter", "demand", "reason", "reason_en", "case_id", "note"),
    "money": ("period", "reason", "reason_en", "note"),
    "listing": ("period", "text", "reason", "reason_en", "note"),
    "accountability": ("organ", "reason", "reason_en", "outcome", "answer", "receipt", "note"),
    "appeal": ("grounds", "reason"),
    "ranking": ("board", "peer_group", "reason"),
    "reading": ("period", "source", "note", "reason"),
    "person": (),
}


class WordRow(msgspec.Struct, frozen=True, gc=False):
    kind: str
    key: str
    position: int
    name: str
    words: str
    plain: str
    unit: str
    district: str
    grid: str
    occurred_at: datetime


def rows(step: Step, rules: Rules) -> Sequence[WordRow]:
    event = step.envelope.event
    match event:
        case PolicyAdopted():
            policy = rules.policy(event.digest)
            name = policy.title.zh
            words = (policy.title.en, policy.issued_by, policy.document, policy.ref)
            return (_row(step, "policy", name, words, None),)
        case EvidenceAttached() | EvidenceCorrected():
            return (_row(step, "evidence", event.digest, (event.caption,), step.after),)
    if step.kind not in WORDS or step.after is None:
        return ()
    after = _of(step, step.after)
    return () if step.before is not None and after == _of(step, step.before) else (after,)


def _of(step: Step, row: Any) -> WordRow:
    """Of an event and its row; only what follows from the row may differ before and after."""
    name = getattr(row, NAMES[step.kind], "") if NAMES[step.kind] else ""
    return _row(step, step.kind, name, [getattr(row, each) for each in WORDS[step.kind]], row)


def _row(step: Step, kind: str, name: str, words: Sequence[str], row: Any) -> WordRow:
    envelope = step.envelope
    lines = "\n".join(dict.fromkeys(each for each in (step.key, name, *words) if each))
    return WordRow(
        kind, step.key, envelope.position, name, lines, f"\n{plain(lines)}\n",
        _unit(step, row), getattr(row, "district", ""), getattr(row, "grid", ""),
        envelope.occurred_at,
    )  # fmt: skip


def plain(text: str) -> str:
    """Full-width letters count as plain ones, capitals as small ones."""
    return unicodedata.normalize("NFKC", text).lower()


def _unit(step: Step, row: Any) -> str:
    if step.kind == "unit":
        return str(row.parent)
    return str(getattr(row, "unit", "") or getattr(row, "about", ""))


SEARCHED = Facts(table="words", version=1, row=WordRow, rows=rows, kinds=(*WORDS, "policy"))
