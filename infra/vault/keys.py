"""The keys of a vault, in a file outside its database: for wrapping persons' keys, and digests."""

import base64
import binascii
import hashlib
import hmac
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import Refused

MARK = "DUBAN+VAULT+KEY+1"
KEY_BYTES = 32
_PARTS = 2


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """``wrapping`` encrypts the keys of persons, ``index`` makes digests. Shown nowhere."""

    wrapping: bytes = field(repr=False)
    index: bytes = field(repr=False)

    @property
    def wrapping_print(self) -> str:
        """Tells one wrapping key from another and says nothing about it."""
        return _print("wrapping", self.wrapping)

    @property
    def index_print(self) -> str:
        return _print("index", self.index)

    def digest(self, purpose: str, text: str) -> str:
        """HMAC-SHA256 in hex; one purpose's digests say nothing about another's."""
        return hmac.new(self.index, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


def new_keys(index: bytes | None = None) -> VaultKeys:
    """Fresh ones; with ``index`` what was found by digest is found still."""
    return VaultKeys(os.urandom(KEY_BYTES), index or os.urandom(KEY_BYTES))


def new_salt() -> str:
    return os.urandom(KEY_BYTES).hex()


def make_keys(path: Path, keys: VaultKeys) -> None:
    """In a new file of mode 0600. Raises ``Refused`` (``vault.key_exists``,
    ``vault.key_unusable``)."""
    raw = keys.wrapping + keys.index
    text = f"{MARK}+{base64.b64encode(raw).decode()}+{hashlib.sha256(raw).hexdigest()[:8]}\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            "vault.key_exists", f"{path} is there already, and no key is overwritten"
        ) from None
    except OSError as error:
        raise Refused(
            "vault.key_unusable", f"{path} cannot be written: {error.strerror}"
        ) from error
    with open(file, "w", encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def read_keys(path: Path) -> VaultKeys:
    """Raises ``Refused``: ``vault.no_key``, ``vault.key_exposed``, ``vault.key_unusable``."""
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Refused("vault.key_exposed", f"others may read the vault's key: chmod 600 {path}")
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise Refused(
            "vault.no_key",
            f"the vault's key is not at {path}: put it back, or name its place in DUBAN_VAULT_KEY; "
            "a vault that is new gets one by duban persons make-key",
        ) from None
    except (OSError, UnicodeError) as error:
        raise Refused("vault.key_unusable", f"the vault's key {path} cannot be read") from error
    raw, check = _parts(text)
    if len(raw) != _PARTS * KEY_BYTES or hashlib.sha256(raw).hexdigest()[:8] != check:
        raise Refused(
            "vault.key_unusable", f"{path} is no whole key of a vault: restore it from a copy"
        )
    return VaultKeys(raw[:KEY_BYTES], raw[KEY_BYTES:])


def _parts(text: str) -> tuple[bytes, str]:
    material, _, check = text.strip().removeprefix(f"{MARK}+").rpartition("+")
    try:
        return base64.b64decode(material, validate=True), check
    except binascii.Error:
        return b"", ""


def _print(what: str, key: bytes) -> str:
    return hashlib.sha256(f"duban vault {what}\n".encode() + key).hexdigest()[:16]
