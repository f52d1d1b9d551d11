"""A witness: remembers what a log has shown, refuses another history, and signs what continues."""

import base64
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from domain.errors import Conflict, Invalid, Refused
from infra.transparency.signing import Signer, verify
from projections.transparency.checkpoints import Checkpoint, cosigned, read_checkpoint, timed
from projections.transparency.merkle import is_consistent
from projections.transparency.notes import LARGEST, Key, Note, Signature
from projections.transparency.trust import KeyEntry, Trust

PATIENCE_SECONDS = 20
_MOST_BYTES = 4 * LARGEST


class WatchedLog(Protocol):
    """A log as a witness reaches it. Raises ``Refused`` (``witness.unreachable``,
    ``witness.not_answered``)."""

    def checkpoint(self) -> str: ...

    def consistency(self, old: int, new: int) -> Sequence[bytes]: ...

    def send(self, note: str) -> None: ...


class HttpLog:
    """At the address of the server of a city."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise Invalid("witness.address", f"{url} is no address: say http://HOST:PORT")
        self._url = url.rstrip("/")

    def checkpoint(self) -> str:
        return self._ask("/checkpoint").decode("utf-8", "replace")

    def consistency(self, old: int, new: int) -> Sequence[bytes]:
        answer = self._ask(f"/consistency?{urlencode({'from': old, 'to': new})}")
        try:
            return [base64.b64decode(text, validate=True) for text in json.loads(answer)["hashes"]]
        except (ValueError, TypeError, KeyError) as error:
            raise self._nonsense() from error

    def send(self, note: str) -> None:
        self._ask("/cosignatures", {"note": note})

    def _ask(self, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        request = Request(f"{self._url}/api/v1/log{path}", data, headers)
        try:
            with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                text: bytes = answer.read(_MOST_BYTES)
                return text
        except HTTPError as error:
            with error:
                raise self._refused(error.read(_MOST_BYTES)) from error
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise Refused(
                "witness.unreachable", f"the log at {self._url} does not answer: {reason}"
            ) from error

    def _refused(self, answer: bytes) -> Refused:
        try:
            problem = json.loads(answer)
            said = f"{problem['detail']} ({problem['code']})"
        except (ValueError, TypeError, KeyError):
            return self._nonsense()
        return Refused("witness.not_answered", f"the log at {self._url} says: {said}")

    def _nonsense(self) -> Refused:
        return Refused("witness.not_answered", f"what answers at {self._url} is no log of ours")


@dataclass(frozen=True, slots=True)
class Witness:
    """``memory`` is the file with the last checkpoint it signed: whoever has it can hold the log
    to it. ``log_keys`` were given to it on another way than by the log."""

    signer: Signer
    log_keys: Sequence[Key]
    memory: Path
    now: Callable[[], int] = lambda: int(time.time())

    def look(self, log: WatchedLog) -> Checkpoint:
        """Once; what is refused is not signed. Raises ``Conflict`` (``witness.rewritten``),
        ``Refused`` (``witness.*``) and ``Invalid`` (``note.unreadable``)."""
        seen = self._remembered()
        note, checkpoint = self._signed(log.checkpoint())
        if seen is not None:
            self._require_continues(seen, checkpoint, log)
        mine = self._signature(note.text)
        whole = str(Note(note.text, (*note.signatures, mine)))
        self._remember(whole)
        if not any(signature.by(self.signer.key) for signature in note.signatures):
            log.send(str(Note(note.text, (mine,))))
        return checkpoint

    def _signed(self, text: str) -> tuple[Note, Checkpoint]:
        note, checkpoint = read_checkpoint(text)
        names = sorted({key.name for key in self.log_keys})
        if checkpoint.origin not in names:
            raise Refused(
                "witness.other_log",
                f"this is a checkpoint of the log {checkpoint.origin}, and this witness watches "
                f"{', '.join(names)}",
            )
        trust = Trust([KeyEntry(str(key), 0) for key in self.log_keys], verify)
        if not trust.signed(note, checkpoint):
            raise Refused(
                "witness.unsigned",
                f"the checkpoint is not signed with the key that {checkpoint.origin} gave this "
                "witness: ask its keeper whether the key was rotated",
            )
        return note, checkpoint

    def _require_continues(self, seen: Checkpoint, shown: Checkpoint, log: WatchedLog) -> None:
        if shown.origin != seen.origin:
            raise Refused(
                "witness.other_log",
                f"{self.memory} remembers the log {seen.origin}, and this is {shown.origin}",
            )
        if shown.size < seen.size:
            raise _rewritten(f"it shows {shown.size} events and has shown {seen.size}")
        proof = () if shown.size == seen.size else log.consistency(seen.size, shown.size)
        if not is_consistent(seen.size, shown.size, seen.root, shown.root, proof):
            raise _rewritten(f"the first {seen.size} events are not those it has shown before")

    def _signature(self, text: str) -> Signature:
        seconds, key = self.now(), self.signer.key
        signature = self.signer.sign(cosigned(text, seconds))
        return Signature(key.name, key.id, timed(seconds, signature))

    def _remembered(self) -> Checkpoint | None:
        try:
            text = self.memory.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeError) as error:
            raise self._forgotten() from error
        try:
            note, checkpoint = read_checkpoint(text)
        except Invalid as refusal:
            raise self._forgotten() from refusal
        own = Trust([KeyEntry(str(self.signer.key), 0)], verify)
        if not own.cosigners(note, checkpoint):
            raise self._forgotten()
        return checkpoint

    def _remember(self, text: str) -> None:
        """Before the log is told: a signature that this witness does not know of must not be."""
        beside = self.memory.with_name(f"{self.memory.name}.new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.memory)
        except OSError as error:
            raise Refused(
                "witness.memory", f"{self.memory} cannot be written: {error.strerror}"
            ) from error

    def _forgotten(self) -> Refused:
        return Refused(
            "witness.memory",
            f"what this witness remembers in {self.memory} is damaged: restore it from a copy, or "
            "a rewritten history would go unnoticed",
        )


def _rewritten(why: str) -> Conflict:
    return Conflict("witness.rewritten", f"the history of this log was rewritten: {why}")
