"""Pieces of evidence for people: what a step of a timeline shows of one, and what can be done."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from api.pages.actions import Form, address
from api.pages.forms import Field
from api.pages.rendering import View
from domain.cases.commands import CaseCommand
from domain.cases.state import Status
from domain.evidence.commands import AttachEvidence, CorrectEvidence, WithdrawEvidence
from domain.evidence.events import EVENTS, EvidenceAttached
from domain.messages import Event
from projections.evidence import Piece

FILES = "/api/v1/evidence"
SHORT = 12
# Files that the form offers first; what else is chosen is refused with a reason.
ACCEPT = ".jpg,.jpeg,.png,.webp,.pdf,.mp4,.txt"
Asked = type[CaseCommand]


@dataclass(frozen=True, slots=True)
class Shown:
    """``place`` and ``taken_at`` are told, "" if not known; ``copy`` and ``thumbnail`` are
    addresses, "" where there is none or it is not shown any more. ``reason`` is that of the step:
    why it was put right or taken back."""

    digest: str
    kind: str
    size: str
    caption: str
    href: str
    copy: str
    thumbnail: str
    taken_at: str
    place: str
    sealed: bool
    erased: bool
    withdrawn: bool
    reason: str


def shown(view: View, event: Event, known: Mapping[str, Piece]) -> Shown | None:
    """What a step says of a piece of evidence; of one that was withdrawn (as far as is known) the
    picture is not shown, but the file can be had."""
    if not isinstance(event, EVENTS):
        return None
    piece = known.get(event.digest)
    if piece is None:
        return None
    first = isinstance(event, EvidenceAttached)
    erased = _is_erased(view, piece.person)
    pictured = first and not piece.withdrawn and not erased
    where = f"{FILES}/{piece.digest}"
    return Shown(
        digest=piece.digest,
        kind=view.t.of("media_type", piece.media_type),
        size=_size(view, piece.size),
        caption=event.caption if isinstance(event, EvidenceAttached) else "",
        href=where,
        copy=f"{where}/copy" if pictured and piece.copy else "",
        thumbnail=f"{where}/thumbnail" if pictured and piece.thumbnail else "",
        taken_at=view.f.second(piece.taken_at) if first and piece.taken_at else "",
        place=_place(piece) if first else "",
        sealed=bool(piece.person),
        erased=erased,
        withdrawn=piece.withdrawn,
        reason="" if first else getattr(event, "reason", ""),
    )


def offered(
    view: View, case_id: str, status: Status | str, version: int, known: Iterable[Piece]
) -> list[Form]:
    """The forms about evidence: sending files in first, then what can be said of those that
    stand."""
    standing = [(p.digest, _named(view, p)) for p in known if not p.withdrawn]
    which = Field("digest", view.t("evidence.which"), "choice", True, "", standing)
    why = Field("reason", view.t("field.reason"), "area", True)
    caption = Field("caption", view.t("field.caption"), "text", False)
    forms = [] if status == "void" else [_sending(view, case_id, caption)]
    if standing:
        better = Field("caption", view.t("field.caption"), "text", True)
        forms.append(_form(view, case_id, CorrectEvidence, (which, better, why), version))
        forms.append(_form(view, case_id, WithdrawEvidence, (which, why), version))
    return forms


def upload_address(case_id: str) -> str:
    return f"/do/cases/{quote(case_id, safe='')}/evidence"


def _sending(view: View, case_id: str, caption: Field) -> Form:
    person = Field("person", view.t("field.shown_person"), "text", False)
    return _made(view, AttachEvidence, upload_address(case_id), (caption, person), 0)


def _form(
    view: View, case_id: str, command: Asked, fields: Collection[Field], version: int
) -> Form:
    return _made(view, command, address("cases", case_id, command), fields, version)


def _made(view: View, command: Asked, action: str, fields: Collection[Field], version: int) -> Form:
    attempt = view.attempt if view.attempt and view.attempt.action == action else None
    typed = attempt.typed if attempt else {}
    return Form(
        name=command.NAME,
        action=action,
        fields=[
            Field(f.name, f.label, f.widget, f.required, typed.get(f.name, ""), f.options)
            for f in fields
        ],
        key=view.services.new_id(),
        version=version,
        error=attempt.error if attempt else "",
        code=attempt.code if attempt else "",
    )


def _named(view: View, piece: Piece) -> str:
    return f"{piece.caption or view.t.of('media_type', piece.media_type)} · {piece.digest[:SHORT]}"


def _is_erased(view: View, person: str) -> bool:
    """The person was forgotten: nothing opens the file any more."""
    _, known = view.services.desk.state(f"person-{person}") if person else (0, None)
    return known is not None and known.forgotten


def _place(piece: Piece) -> str:
    if piece.latitude is None or piece.longitude is None:
        return ""
    return f"{piece.latitude:.5f}, {piece.longitude:.5f}"


def _size(view: View, size: int) -> str:
    if size < 1 << 20:
        return view.t("evidence.kib", n=view.f.number(max(1, size >> 10)))
    return view.t("evidence.mib", n=view.f.number(round(size / (1 << 20), 1)))
