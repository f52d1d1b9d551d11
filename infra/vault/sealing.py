"""AES-256-GCM, bound to the person and to what is sealed: nothing can be put in another's place."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Refused

FORMAT = b"\x01"
_NONCE_BYTES = 12


def seal(key: bytes, what: str, person_id: str, data: bytes) -> bytes:
    """A byte for the format, the nonce, the ciphertext with its tag."""
    nonce = os.urandom(_NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, data, _bound(what, person_id))


def unseal(key: bytes, what: str, person_id: str, sealed: bytes) -> bytes:
    """Raises ``Refused`` (``vault.damaged``)."""
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        if sealed[:1] != FORMAT or len(nonce) != _NONCE_BYTES:
            raise InvalidTag
        return AESGCM(key).decrypt(nonce, body, _bound(what, person_id))
    except InvalidTag:
        raise Refused(
            "vault.damaged",
            f"the {what} of {person_id} was changed, or sealed for somebody else: restore the "
            "vault from a copy",
        ) from None


def _bound(what: str, person_id: str) -> bytes:
    return f"duban vault 1\n{what}\n{person_id}".encode()
