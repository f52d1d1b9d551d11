"""Signed notes of C2SP: a text, and below it a line for each who signed it."""

import base64
import binascii
import re
from hashlib import sha256
from typing import NamedTuple

from domain.errors import Invalid

ED25519 = 0x01
COSIGNATURE = 0x04  # Ed25519 over the text and a time: c2sp.org/tlog-cosignature
KINDS = {ED25519: "a log's key", COSIGNATURE: "a witness's key"}
PUBLIC_BYTES = 32
KEY_ID_BYTES = 4
LARGEST = 64 * 1024
MOST_SIGNATURES = 64

# What a note's key may be called: no space of any kind and no plus sign.
NAME = re.compile(r"[^\s+]{1,200}")
_SIGNATURE = re.compile(r"— (\S+) (\S+)")


class Key(NamedTuple):
    """A public key as others know it; ``kind`` is the algorithm's byte."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        told = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(told).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """The form in which verifiers are given it."""
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.kind]) + self.public)}"


class Signature(NamedTuple):
    name: str
    key_id: bytes
    bytes: bytes

    def by(self, key: Key) -> bool:
        return (self.name, self.key_id) == (key.name, key.id)

    def same_signer(self, line: str) -> bool:
        """Whether a line of a note is by the same key."""
        return _signature(line.rstrip("\n"))[:2] == self[:2]

    def __str__(self) -> str:
        return f"— {self.name} {encoded(self.key_id + self.bytes)}\n"


class Note(NamedTuple):
    """``text`` ends with a line feed: what is signed is every byte of it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


def parse_key(text: str) -> Key:
    """Raises ``Invalid`` (``key.unreadable``)."""
    name, _, rest = text.strip().partition("+")
    key_id, _, material = rest.partition("+")
    raw = decoded(material) or b"\0"
    key = Key(name, raw[0], raw[1:])
    if not NAME.fullmatch(name) or key.kind not in KINDS or len(key.public) != PUBLIC_BYTES:
        raise Invalid(
            "key.unreadable",
            f"{text.strip()[:80]!r} is no public key: one looks like NAME+01234567+BASE64",
        )
    if key_id != key.id.hex():
        raise Invalid(
            "key.unreadable", f"the key of {name} does not match its own id: copy it anew"
        )
    return key


def parse_note(text: str) -> Note:
    """Raises ``Invalid`` (``note.unreadable``) for anything but a whole signed note."""
    body, blank, below = text.rpartition("\n\n")
    lines = below.split("\n")
    if not blank or not body or lines.pop() or not lines or len(text) > LARGEST:
        raise _unreadable()
    signatures = tuple(_signature(line) for line in lines)
    if len(signatures) > MOST_SIGNATURES or any(c < " " and c != "\n" for c in body):
        raise _unreadable()
    return Note(body + "\n", signatures)


def _signature(line: str) -> Signature:
    found = _SIGNATURE.fullmatch(line)
    raw = decoded(found[2]) if found else None
    if not found or not raw or len(raw) <= KEY_ID_BYTES or not NAME.fullmatch(found[1]):
        raise _unreadable()
    return Signature(found[1], raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _unreadable() -> Invalid:
    return Invalid(
        "note.unreadable", "this is not a whole signed note: it was cut off or changed on the way"
    )


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def decoded(text: str) -> bytes | None:
    """None for what is not canonical base64."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if encoded(raw) == text else None
