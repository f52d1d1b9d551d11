"""Whose signatures count, on which checkpoints."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from projections.transparency.checkpoints import Checkpoint, cosigned, untimed
from projections.transparency.notes import COSIGNATURE, ED25519, Key, Note, Signature, parse_key

# Public key, signature, message.
Verify = Callable[[bytes, bytes, bytes], bool]
End = Literal["rotated", "revoked"]


class KeyEntry(msgspec.Struct, frozen=True):
    """A line in the list of keys: one that is trusted from now on, or (``end``) is no longer for
    checkpoints of more than ``size`` leaves. ``at``: when it was written, seconds since 1970."""

    key: str
    at: int
    end: End | None = None
    size: int = 0


class Ended(NamedTuple):
    how: End
    size: int


class Trust:
    """The keys of a log and of its witnesses, made from the list of them."""

    def __init__(self, entries: Sequence[KeyEntry], verify: Verify) -> None:
        self._verify = verify
        self._keys: dict[bytes, Key] = {}
        self._ended: dict[bytes, Ended] = {}
        for entry in entries:
            key = parse_key(entry.key)
            self._keys.setdefault(key.id, key)
            if entry.end is not None:
                self._ended[key.id] = Ended(entry.end, entry.size)

    def keys(self, kind: int) -> list[Key]:
        """Those in force."""
        return [key for key in self._keys.values() if key.kind == kind and not self._over(key)]

    @property
    def origins(self) -> frozenset[str]:
        """What the log that these keys belong to calls itself."""
        return frozenset(key.name for key in self._keys.values() if key.kind == ED25519)

    def signed(self, note: Note, checkpoint: Checkpoint) -> bool:
        """By the log itself."""
        return any(
            key.kind == ED25519 and not self.trouble(key, signature, note, checkpoint)
            for key, signature in self._known(note)
        )

    def cosigners(self, note: Note, checkpoint: Checkpoint) -> list[Key]:
        return [
            key
            for key, signature in self._known(note)
            if key.kind == COSIGNATURE and not self.trouble(key, signature, note, checkpoint)
        ]

    def problems(self, note: Note, checkpoint: Checkpoint) -> Iterator[str]:
        """What is wrong with the signatures below a checkpoint, in words that follow its name.
        Those of strangers say nothing."""
        known = list(self._known(note))
        if self.origins and checkpoint.origin not in self.origins:
            ours = ", ".join(sorted(self.origins))
            yield f"is of another log ({checkpoint.origin}), not of {ours}"
        elif not any(key.kind == ED25519 for key, _ in known):
            yield "is not signed by a key of this log"
        for key, signature in known:
            if said := self.trouble(key, signature, note, checkpoint):
                yield said

    def trouble(self, key: Key, signature: Signature, note: Note, checkpoint: Checkpoint) -> str:
        """Why this signature does not count; "" when it does."""
        over = self._ended.get(key.id)
        if over is not None and checkpoint.size > over.size:
            return f"is signed with a key of {key.name} that was {over.how} at {over.size} events"
        message, raw = note.text.encode(), signature.bytes
        if key.kind == COSIGNATURE:
            found = untimed(signature)
            if found is None:
                return f"has a cosignature of {key.name} that cannot be read"
            message, raw = cosigned(note.text, found[0]), found[1]
        if self._verify(key.public, raw, message):
            return ""
        what = "cosignature" if key.kind == COSIGNATURE else "signature"
        return f"does not match the {what} of {key.name} below it"

    def _known(self, note: Note) -> Iterator[tuple[Key, Signature]]:
        for signature in note.signatures:
            key = self._keys.get(signature.key_id)
            if key is not None and signature.by(key):
                yield key, signature

    def _over(self, key: Key) -> bool:
        return key.id in self._ended
