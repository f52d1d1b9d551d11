"""Holds the files of a city's evidence against what its events say of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.evidence.ports import EvidenceStore
from projections.evidence import Held, held
from projections.reading import Reader

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """``orphans`` are files that no event refers to: stored, but what was to refer to them was
    refused or never came."""

    files: int
    orphans: Sequence[str]
    wrong: Sequence[str]

    def line(self) -> str:
        left = f"; {len(self.orphans):,} files that no event refers to" if self.orphans else ""
        return f"{self.files:,} evidence files hashed again and held against their events{left}"


def check(
    reader: Reader, store: EvidenceStore, report: Report = lambda done, total: None
) -> Checked:
    """The tables must hold all events. Nothing is changed."""
    known = held(reader)
    named = {digest for each in known for digest in each.digests}
    wrong: list[str] = []
    for done, each in enumerate(known, 1):
        wrong += _wrong(each, store)
        report(done, len(known))
    orphans = sorted(found.digest for found in store.listed() if found.digest not in named)
    return Checked(len(named), orphans, wrong)


def _wrong(each: Held, store: EvidenceStore) -> list[str]:
    roles = (("", each.digest), ("the copy for viewing of ", each.copy),
             ("the thumbnail of ", each.thumbnail))  # fmt: skip
    return [
        f"{role}evidence {each.digest} of case {each.case_id} (event {each.position}) is {found} "
        f"in {store.place}" + (f" (its file is {digest})" if role else "")
        for role, digest in roles
        if digest and (found := store.condition(digest)) != "intact"
    ]
