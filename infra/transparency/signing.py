"""Ed25519 signatures, and private keys in files that only their owner may read."""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.errors import Conflict, Invalid, NotFound, Refused
from projections.transparency.notes import (
    COSIGNATURE,
    ED25519,
    NAME,
    PUBLIC_BYTES,
    Key,
    decoded,
    encoded,
)

MARK = "PRIVATE+KEY+"


class Signer(Protocol):
    """What signs for a log or a witness: a key in a file, or a module that keeps its own."""

    @property
    def key(self) -> Key: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """Its secret is shown nowhere."""

    key: Key
    _secret: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        return self._secret.sign(message)


def ed25519_signer(name: str, kind: int, seed: bytes) -> Ed25519Signer:
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    public = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Ed25519Signer(Key(name, kind, public), secret)


# By the byte that a key file names; another algorithm or a hardware module is one more line.
SIGNERS: Mapping[int, Callable[[str, int, bytes], Signer]] = {
    ED25519: ed25519_signer,
    COSIGNATURE: ed25519_signer,
}


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """``projections.transparency.trust.Verify``."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_key(path: Path, name: str, kind: int) -> Signer:
    """A fresh key in a new file of mode 0600. Raises ``Conflict`` (``key.exists``), ``Invalid``
    (``key.name``) and ``Refused`` (``key.unusable``)."""
    if not NAME.fullmatch(name):
        raise Invalid("key.name", f"{name!r} cannot name a key: use no spaces and no plus sign")
    seed = os.urandom(PUBLIC_BYTES)
    signer = SIGNERS[kind](name, kind, seed)
    text = f"{MARK}{name}+{signer.key.id.hex()}+{encoded(bytes([kind]) + seed)}\n"
    if path.exists():
        raise Conflict("key.exists", f"{path} is there already, and no key is overwritten")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused("key.unusable", f"{path} cannot be written: {error.strerror}") from error
    with open(file, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    return signer


def read_key(path: Path, kind: int) -> Signer:
    """Raises ``NotFound`` (``key.none``), ``Invalid`` (``key.unreadable``), and ``Refused``
    (``key.exposed``) for a file that others may read."""
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Refused(
                "key.exposed", f"others may read the private key {path}: chmod 600 {path}"
            )
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(
            "key.none", f"there is no private key at {path}: duban keys makes one"
        ) from None
    except (OSError, UnicodeError) as error:
        raise Invalid("key.unreadable", f"the private key {path} cannot be read") from error
    name, _, rest = text.removeprefix(MARK).strip().partition("+")
    key_id, _, material = rest.partition("+")
    raw = decoded(material) or b""
    if not text.startswith(MARK) or len(raw) != 1 + PUBLIC_BYTES or raw[0] not in SIGNERS:
        raise Invalid("key.unreadable", f"{path} is no whole private key: restore it from a copy")
    signer = SIGNERS[raw[0]](name, raw[0], raw[1:])
    if signer.key.id.hex() != key_id or raw[0] != kind:
        raise Invalid("key.unreadable", f"{path} is a private key of another kind, or damaged")
    return signer
