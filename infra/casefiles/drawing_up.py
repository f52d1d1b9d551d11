"""Draws up the document of a case file from its events."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from api.pages.language import Language
from api.services import City
from domain.errors import NotFound
from domain.moments import Then
from domain.policies.book import PolicyBook
from domain.ports import EventStore
from infra.casefiles.papers import Paper
from infra.casefiles.proving import Ground
from infra.casefiles.speaking import Speaking, speaking
from projections.packages import Kind
from projections.past.kinds import KINDS
from projections.projection import Step
from projections.reading import Reader
from projections.transparency.notes import COSIGNATURE, parse_key

STREAMS: Mapping[Kind, str] = {
    "case": "case", "unit": "unit", "person": "person", "ranking": "ranking",
    "referral": "accountability",
}  # fmt: skip
TEXTS = (
    "facts", "timeline", "evidence", "no_evidence", "rules", "rules_note", "no_rules", "proof",
    "proven", "unproven", "check", "check_1", "file", "size", "digest", "about",
)  # fmt: skip
SAID_ELSEWHERE = ("happened", "recorded", "by", "cause", "position")


class File(NamedTuple):
    """A file of evidence: its name in the package ("": it is not in there), and what it is."""

    name: str
    size: int
    digest: str
    caption: str


class Matter(NamedTuple):
    """What a package is about and what is in it."""

    kind: Kind
    key: str
    then: Then
    language: Language
    steps: Sequence[Step]
    whole: Sequence[str]
    evidence: Sequence[File]
    policies: Sequence[str]
    cosigners: Sequence[str]


def draw_up(
    matter: Matter, ground: Ground, city: City, synthetic: bool, version: str, reader: Reader,
    store: EventStore, book: PolicyBook,
) -> Paper:  # fmt: skip
    events = [step.envelope.event for step in matter.steps]
    named = [step.key for step in matter.steps if step.kind == "unit"]
    says = speaking(reader, events, named, city.zone, matter.language)
    t, f, size = says.t, says.f, ground.checkpoint.size
    signed = datetime.fromtimestamp(ground.at, UTC)
    row = _row(store, matter)
    notes = [t("paper.sealed_at", size=f.number(size)) + f"（{f.second(signed)}）"]
    if matter.then.as_of:
        notes.append(t("paper.as_of", at=f.second(matter.then.as_of)))
    if synthetic:
        notes.append(t("paper.synthetic"))
    return Paper(
        language=matter.language,
        head=t("paper.red_head", city=city.name),
        kind=t(f"paper.kind_{matter.kind}"),
        title=_title(matter, row, says),
        number=t("paper.number", key=getattr(row, "case_no", "") or matter.key),
        notes=notes,
        facts=_facts(row, says) or [(t("field.person"), matter.key)],
        timeline_note=t("paper.timeline_note", n=f.number(len(events)), zone=city.zone.key),
        steps=[says.told(step.envelope) for step in matter.steps],
        evidence=[_listed(file, says) for file in matter.evidence],
        rules=[(_policy(book, digest, matter.language), digest) for digest in matter.policies],
        **_proof(matter, ground, says),
        signed_by=city.name,
        signed_on=f.day(signed),
        made_by=t("paper.made_by", version=version),
        t={
            **{name: t(f"paper.{name}") for name in TEXTS},
            **{name: t(f"case.{name}") for name in SAID_ELSEWHERE},
        },
    )


def _proof(matter: Matter, ground: Ground, says: Speaking) -> dict[str, Any]:
    """What is proven and what is not, in plain words, and how anybody can check it."""
    t, size = says.t, says.f.number(ground.checkpoint.size)
    names = t("app.comma").join(matter.cosigners)
    witnessed = (
        t("paper.proven_4", n=str(len(matter.cosigners)), names=names)
        if matter.cosigners
        else t("paper.proven_none")
    )
    key = ground.signer.key
    return {
        "proven": [
            t("paper.proven_1", n=says.f.number(len(matter.steps)), size=size),
            t("paper.proven_2", whole=says.f.number(len(matter.whole))),
            t("paper.proven_3"),
            witnessed,
        ],
        "unproven": [t(f"paper.unproven_{n}", size=size) for n in range(1, 5)],
        "command": f"python3 verify.py {matter.kind}.zip --key '{key}'",
        "seal": [
            (t("paper.origin"), ground.checkpoint.origin),
            (t("paper.root"), ground.checkpoint.root.hex()),
            (t("paper.key"), str(key)),
        ],
    }


def _row(store: EventStore, matter: Matter) -> Any:
    """How the thing stood, folded from what was known of it; None for what is not folded."""
    kind = KINDS.get(STREAMS[matter.kind])
    row: Any = None
    for envelope in store.load(f"{STREAMS[matter.kind]}-{matter.key}") if kind else ():
        if matter.then.knows(envelope):
            row = kind.snapshot.fold(row, envelope) if kind else None
    return row


def _facts(row: Any, says: Speaking) -> list[tuple[str, str]]:
    return [] if row is None else says.facts(row)


def _title(matter: Matter, row: Any, says: Speaking) -> str:
    t = says.t
    match matter.kind:
        case "case":
            return f"{t('case.case')} {row.case_no or matter.key}"
        case "unit":
            return str(row.name)
        case "ranking":
            return f"{row.board} {row.period} {row.peer_group}".strip()
        case "referral":
            return f"{t.of('action', row.action)}：{says.name(row.unit)}"
    return matter.key


def _listed(file: File, says: Speaking) -> tuple[str, str, str, str]:
    caption = file.caption or file.digest[:12]
    if not file.name:
        caption += f"（{says.t('paper.absent')}）"
    return file.name, f"{file.size:,} B" if file.size else "—", file.digest, caption


def _policy(book: PolicyBook, digest: str, language: Language) -> str:
    try:
        policy = book.get(digest)
    except NotFound:  # adopted by a log that this process has not read to its end yet
        return digest[:12]
    title = policy.title.zh if language == "zh" else policy.title.en
    return f"{title} {policy.id}@{policy.version}"


def cosigners_of(note: str, keys: Sequence[str]) -> list[str]:
    """The names of the witnesses in a list of keys that have signed below a checkpoint."""
    witnesses = [key for key in map(parse_key, keys) if key.kind == COSIGNATURE]
    return sorted({key.name for key in witnesses if f"— {key.name} " in note})
