"""The policy book: every version that was adopted, and one of them in words and to the letter."""

from dataclasses import dataclass

from fastapi import Response

from api.pages.rendering import Look, View
from domain.errors import NotFound
from domain.policies.header import PolicyFile
from domain.policies.prose import prose
from projections import registers
from projections.registers import PolicyVersion


@dataclass(frozen=True, slots=True)
class Version:
    """A version as a line; ``now``: it is the one in force."""

    row: PolicyVersion
    title: str
    now: bool


def listing(view: Look) -> Response:
    in_force = view.services.desk.standing.policies.in_force(view.now)
    chinese = view.t.language == "zh"
    found = [
        Version(row, row.title if chinese else row.title_en, row.digest in in_force)
        for row in registers.policies(view.services.reader)
    ]
    return view.render(
        "policies.html",
        section="policies",
        versions=sorted(found, key=lambda v: (not v.now, v.row.policy_id, -v.row.revision)),
    )


def page(view: Look, digest: str) -> Response:
    policy = _policy(view, digest)
    row = next(
        (each for each in registers.policies(view.services.reader) if each.digest == digest), None
    )
    return view.render(
        "policy.html",
        section="policies",
        policy=policy,
        kind=str(getattr(policy, "kind", "")),
        title=policy.title.zh if view.t.language == "zh" else policy.title.en,
        row=row,
        in_force=digest in view.services.desk.standing.policies.in_force(view.now),
        prose=prose(policy, view.t.language),
        text=_text(view, digest),
    )


def _policy(view: View, digest: str) -> PolicyFile:
    """Raises ``NotFound`` (``policy.unknown``)."""
    return view.services.desk.standing.policies.get(digest)


def _text(view: View, digest: str) -> str:
    for envelope in view.services.store.load_kind("policy"):
        if getattr(envelope.event, "digest", "") == digest:
            return str(getattr(envelope.event, "body", ""))
    raise NotFound("policy.unknown", f"no policy with digest {digest[:12]} was adopted")
