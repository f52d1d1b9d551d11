"""All adopted policies, and which of them are in force at a moment."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from domain.errors import NotFound
from domain.policies.events import PolicyAdopted
from domain.policies.header import PolicyFile
from domain.policies.loading import adopted as read_adopted


class Stretch(NamedTuple):
    """From a moment until the next stretch, these policies (by digest) are in force."""

    start: datetime
    digests: tuple[str, ...]


class PolicyBook:
    """Never changes: adopting gives another book, so a reader always sees one consistent set."""

    def __init__(
        self,
        adopted: Iterable[PolicyAdopted] = (),
        known: Mapping[str, PolicyFile] = MappingProxyType({}),
    ) -> None:
        """``known``: policies by digest that need not be read again."""
        self._adopted = tuple({event.digest: event for event in adopted}.values())
        self._policies: Mapping[str, PolicyFile] = {
            event.digest: known.get(event.digest) or read_adopted(event.body)
            for event in self._adopted
        }
        self._files: dict[tuple[str, ...], tuple[PolicyFile, ...]] = {}
        self._stretches = tuple(
            Stretch(start, self._digests_at(start))
            for start in sorted({event.effective_from for event in self._adopted})
        )

    def adopt(self, *events: PolicyAdopted) -> "PolicyBook":
        """The book with these too; the same one, where there are none."""
        return PolicyBook((*self._adopted, *events), self._policies) if events else self

    def in_force(self, at: datetime) -> tuple[str, ...]:
        """The digests of the policies that judge what happens at a moment, in order of id: of
        each id the latest version that is effective by then."""
        after = bisect_right(self._stretches, at.astimezone(UTC), key=lambda s: s.start)
        return self._stretches[after - 1].digests if after else ()

    def get(self, digest: str) -> PolicyFile:
        """Raises ``NotFound`` (``policy.unknown``)."""
        policy = self._policies.get(digest)
        if policy is None:
            raise NotFound("policy.unknown", f"no policy with digest {digest[:12]} was adopted")
        return policy

    def files(self, digests: tuple[str, ...]) -> tuple[PolicyFile, ...]:
        """The policies with these digests, in that order, read once."""
        found = self._files.get(digests)
        if found is None:
            found = self._files[digests] = tuple(map(self.get, digests))
        return found

    def __iter__(self) -> Iterator[PolicyFile]:
        """All that were ever adopted, in the order of their adoption."""
        return iter(self._policies.values())

    def __len__(self) -> int:
        return len(self._policies)

    def _digests_at(self, at: datetime) -> tuple[str, ...]:
        latest: dict[str, PolicyAdopted] = {}
        for event in self._adopted:
            known = latest.get(event.policy_id)
            if event.effective_from <= at and (known is None or event.revision > known.revision):
                latest[event.policy_id] = event
        return tuple(event.digest for _, event in sorted(latest.items()))
