"""Verifies a package of Duban offline: python3 verify.py PACKAGE.zip --key KEY.

Needs Python 3.10 and the package ``cryptography`` alone. Public keys come on another way than the
package (``--trust`` takes a file of them, a line each): those inside it are never believed.
"""

import argparse
import base64
import json
import re
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SEALED = "duban-package@v1\n{}\n{}\n{}\n"  # no checkpoint: neither passes for the other
NAME = re.compile(r"[\w-]+([./][\w-]+){0,9}", re.ASCII)
LOCAL, CENTRAL = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I")
END, HEAD = struct.Struct("<4s4H2IH"), struct.Struct(">QIqIIII")
SIGNATURE = re.compile("— ([^\\s+]+) ([A-Za-z0-9+/=]+)")
ENDED = re.compile(r"\b(rotated|revoked) at ([0-9]+)")
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error)
Event = tuple[int, int, str, str, bytes, bytes, bytes]  # … stream, type, metadata, body, hash
Entry = tuple[int, int, str]  # size of a file, where it begins, its SHA-256
LOG, WITNESS, CUT = 1, 4, "the package is half-written or was cut off: get it anew"


class Wrong(Exception):
    """What is wrong with a package: a stable code, and one sentence."""


class Key(NamedTuple):  # ``ended``: rotated or revoked ("": it is not) beyond ``until`` events
    text: str
    name: str
    kind: int
    public: bytes
    ended: str
    until: int


def key_of(line: str) -> Key:
    """A public key of C2SP, with how it ended behind it as ``duban keys list`` prints it."""
    text, _, rest = line.strip().partition(" ")
    name, _, material = text.partition("+")
    raw, over = from_base64(material.partition("+")[2]), ENDED.search(rest)
    known = sha256(f"{name}\n".encode() + raw).hexdigest()[:8]
    if len(raw) != 33 or raw[0] not in (LOG, WITNESS) or not material.startswith(f"{known}+"):
        raise Wrong("key.unreadable", f"{line[:60]!r} is no public key: it looks like NAME+ID+KEY")
    return Key(text, name, raw[0], raw[1:], *((over[1], int(over[2])) if over else ("", 0)))


def from_base64(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("this is not canonical base64")
    return raw


def headers(name: str, size: int, crc: int, at: int) -> tuple[bytes, bytes]:
    """How a file begins in a package, and its line in the directory at the end: one way only."""
    told = (20, 0, 0, 0, 0x21, crc, size, size, len(name), 0)
    line = CENTRAL.pack(b"PK\1\2", 0x314, *told, 0, 0, 0, 0o100644 << 16, at)
    return LOCAL.pack(b"PK\3\4", *told) + name.encode(), line + name.encode()


def contents(file: BinaryIO) -> dict[str, Entry]:
    """The files, in their order, if every byte around them is what a package has there."""
    entries: dict[str, Entry] = {}
    lines, at = [], file.seek(0)
    while len(head := file.read(LOCAL.size)) == LOCAL.size and head[:4] == b"PK\3\4":
        _, _, _, method, _, _, crc, size, _, length, _ = LOCAL.unpack(head)
        name = file.read(length).decode("ascii", "replace")
        local, line = headers(name, size, crc, at)
        if len(name) + len(data := file.read(size)) < length + size:
            raise Wrong("package.cut_off", CUT)
        for code, sentence, bad in (
            ("path", "is no name that a file in here may have", not NAME.fullmatch(name)),
            ("duplicate", "is in the package twice", name in entries),
            ("compressed", "is compressed: somebody packed it anew", method),
            ("container", "has a header that was changed", head + name.encode() != local),
        ):
            if bad:
                raise Wrong(f"package.{code}", f"{name!r} (byte {at}) {sentence}")
        if zlib.crc32(data) != crc:
            raise Wrong("file.changed", f"{name} was changed: it does not match its checksum")
        entries[name] = (size, at + len(local), sha256(data).hexdigest())
        lines.append(line)
        at += len(local) + size
    listed, count = b"".join(lines), len(lines)
    wanted = listed + END.pack(b"PK\5\6", 0, 0, count, count, len(listed), at, 0)
    found = head + file.read(len(wanted) + 1 - len(head))
    for code, sentence, bad in (
        ("unreadable", "this is no package of Duban", not entries),
        ("cut_off", CUT, len(found) < len(wanted)),
        ("container", f"the directory (byte {at}) was changed", not found.startswith(wanted)),
        ("trailing", "something was put behind the end of the package", found != wanted),
    ):
        if bad:
            raise Wrong(f"package.{code}", sentence)
    return entries


def climbed(at: int, last: int, starts: Sequence[bytes], proof: Sequence[bytes]) -> list[bytes]:
    """Where a proof leads to, in the new tree and in the old: RFC 9162, 2.1.3.2 and 2.1.4.2."""
    new, *old = starts
    for other in proof:
        if not 0 <= at <= last or last == 0:
            return []
        if at & 1 or at == last:
            new, *old = (sha256(b"\1" + other + each).digest() for each in (new, *old))
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = sha256(b"\1" + new + other).digest()
        at, last = at >> 1, last >> 1
    return [] if at or last else [new, *old]


def is_consistent(old: int, new: int, before: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    if not 0 < old < new:
        return old == new and before == root and not proof
    path, at, last = list(proof) if old & (old - 1) else [before, *proof], old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    return bool(path) and climbed(at, last, [path[0], path[0]], path[1:]) == [root, before]


def signed(note: str, keys: Sequence[Key], kind: int) -> Iterator[tuple[Key, bool]]:
    text, _, below = note.rpartition("\n\n")
    for found in map(SIGNATURE.fullmatch, below.split("\n")[:-1]):
        name, raw = (found[1], from_base64(found[2])) if found else ("", b"")
        message, signature = f"{text}\n", raw[4:]
        if kind == WITNESS:
            seconds, signature = int.from_bytes(raw[4:12], "big"), raw[12:]
            message = f"cosignature/v1\ntime {seconds}\n{text}\n"
        for key in keys:
            if key.kind == kind and key.text.startswith(f"{name}+{raw[:4].hex()}+"):
                try:
                    public = Ed25519PublicKey.from_public_bytes(key.public)
                    public.verify(signature, message.encode())
                    yield key, True
                except (InvalidSignature, ValueError):
                    yield key, False


def check_signed(what: str, note: str, origin: str, size: int, keys: Sequence[Key]) -> None:
    names = ", ".join(sorted({key.name for key in keys if key.kind == LOG}))
    if not names:
        raise Wrong("key.none", f"say with --key which key of {origin} you believe; see keys.txt")
    if origin not in names.split(", "):
        raise Wrong("package.other_city", f"this is of the log {origin}, your keys are of {names}")
    wrong = Wrong("key.unknown", f"the {what} is signed with no key you gave: was it rotated?")
    for key, good in signed(note, keys, LOG):
        if key.ended and (size > key.until or (key.ended, what) == ("revoked", "seal")):
            when = f"{key.ended} at {key.until} events: ask for a new package"
            wrong = Wrong(f"key.{key.ended}", f"the {what} is signed with a key that was {when}")
        elif good:
            return
        else:
            wrong = Wrong(f"{what}.forged", f"the {what} does not match its signature")
    raise wrong


def events_of(raw: bytes) -> Iterator[Event]:
    at = 0  # leaves side by side, as the city's tree hashes them
    while at < len(raw):
        position, version, _, *lengths = HEAD.unpack_from(raw, at)
        ends = [at + HEAD.size + sum(lengths[:n]) for n in range(5)]
        stream, kind, meta, body = (raw[ends[n] : ends[n + 1]] for n in range(4))
        leaf = sha256(b"\0" + raw[at : ends[4]]).digest()
        yield position, version, stream.decode(), kind.decode(), meta, body, leaf
        at = ends[4]


def check_events(
    events: Sequence[Event], told: Any, proofs: str, root: bytes, files: dict[str, Entry]
) -> Iterator[Wrong]:
    """Each in the signed tree, none missing, and what they name: policies, evidence, a referral."""
    lines = [line.split(" ") for line in proofs.splitlines()]
    positions, here = [event[0] for event in events], {event[0]: event[6].hex() for event in events}
    if positions != sorted(here):
        yield Wrong("event.order", "the events are not in their order")
    if len(events) != told["events"] or [str(p) for p in positions] != [one[0] for one in lines]:
        yield Wrong("event.missing", "events and proofs are not those that the manifest counts")
    versions: dict[str, list[int]] = {stream: [] for stream in told["whole"]}
    attached = {f"evidence/{name}" for name in told["evidence"]}
    for event, line in zip(events, lines, strict=False):
        position, version, stream, kind, meta, body, leaf = event
        path = [from_base64(text) for text in line[1:]]
        if climbed(position - 1, told["size"] - 1, [leaf], path) != [root]:
            yield Wrong("event.altered", f"event {position} ({stream}) is not what was recorded")
        versions.get(stream, []).append(version)
        attached |= {f"policies/{digest}.yaml" for digest in json.loads(meta).get("policies", ())}
        packed = json.loads(body)["events"] if kind.startswith("accountability.packed/") else ()
        lacking = [p["position"] for p in packed if here.get(p["position"]) != p["digest"]]
        if told["kind"] == "referral" and lacking:
            yield Wrong("referral.altered", f"events {lacking[:9]} it rests on are not in here")
    for stream, had in versions.items():
        if not had or had != list(range(1, len(had) + 1)):
            yield Wrong("event.missing", f"events of {stream} are missing or out of order")
    for name in sorted(attached):
        digest = name.partition("/")[2].partition(".")[0]
        named = name.startswith("policies/") or any(digest.encode() in e[5] for e in events)
        if name not in files or files[name][2] != digest or not named:
            yield Wrong("attached.altered", f"{name} is not there, or not what the events name")


def check_history(lines: str, seen: Sequence[str], size: int, root: bytes) -> Iterator[Wrong]:
    """What this log had signed before, and what somebody has seen of it (``seen``, as text)."""
    before = {size: root}
    for old, root_then, *path in (line.split(" ") for line in lines.splitlines()):
        before[int(old)] = then = from_base64(root_then)
        if not is_consistent(int(old), size, then, root, [from_base64(text) for text in path]):
            yield Wrong("checkpoint.forked", f"the log does not continue what it signed at {old}")
    for _, number, known, *_ in (text.split("\n") for text in seen):
        kept = f"the checkpoint of {number} events that you have seen"
        if int(number) not in before:
            yield Wrong("checkpoint.incomparable", f"no proof leads here from {kept}: ask for one")
        elif before[int(number)] != from_base64(known):
            yield Wrong("checkpoint.forked", f"{kept} is of another history than this one")


def check_files(told: Any, files: dict[str, Entry]) -> list[Wrong]:
    listed = {each["name"]: each["sha256"] for each in told["files"]}
    found = {name: files[name][2] for name in list(files)[:-2]}
    how = {name: "changed" if name in listed else "added" for name in found}
    odd = [(n, how.get(n, "lost")) for n in {**listed, **found} if listed.get(n) != found.get(n)]
    moved = [Wrong("file.order", "the files are not in order")] * (list(listed) != list(found))
    return [Wrong(f"file.{done}", f"{name} was {done}") for name, done in odd] or moved


def verify(
    file: BinaryIO, keys: Sequence[Key], demanded: Sequence[Key] = (), seen: Sequence[str] = ()
) -> tuple[dict[str, Any], list[str], list[Wrong]]:
    """The manifest, who cosigned and what is wrong. ``demanded`` must have signed."""
    files = contents(file)
    if list(files)[-2:] != ["manifest.json", "seal.txt"]:
        raise Wrong("package.cut_off", CUT)

    def read(name: str) -> bytes:
        file.seek(files[name][1])
        return file.read(files[name][0])

    try:
        told, seal = json.loads(read("manifest.json")), read("seal.txt").decode()
        origin, size, digest = told["origin"], told["size"], files["manifest.json"][2]
        if not seal.startswith(SEALED.format(origin, size, digest)) or seal.count("\n") != 6:
            raise Wrong("manifest.changed", "manifest.json or seal.txt was changed")
        check_signed("seal", seal, origin, size, keys)
        if wrong := check_files(told, files):
            return told, [], wrong
        note = read("checkpoint.txt").decode()
        root, cosigners = from_base64(note.split("\n")[2]), set()
        if note.split("\n")[:2] != [origin, str(size)]:
            raise Wrong("checkpoint.other", "the checkpoint is not that of the manifest")
        check_signed("checkpoint", note, origin, size, keys)
        for key, good in signed(note, [*keys, *demanded], WITNESS):
            cosigners |= {key.text} if good and not (key.ended and size > key.until) else set()
        if lacking := [key.name for key in demanded if key.text not in cosigners]:
            raise Wrong("checkpoint.unwitnessed", f"{', '.join(lacking)} did not cosign it")
        events = list(events_of(read("events.leaves")))
        wrong += check_events(events, told, read("proofs.txt").decode(), root, files)
        wrong += check_history(read("history.txt").decode(), seen, size, root)
    except MALFORMED as error:
        raise Wrong("package.unreadable", f"this is no package of Duban: {error}") from error
    return told, sorted(cosigners), wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies a package of Duban offline.")
    parser.add_argument("package", type=Path)
    for option in ("--key", "--witness-key", "--trust", "--checkpoint"):
        parser.add_argument(option, action="append", default=[])
    chosen = parser.parse_args()
    try:
        trusted = [*chosen.key, *(Path(path).read_text("utf-8") for path in chosen.trust)]
        keys = [key_of(line) for line in "\n".join(trusted).splitlines() if line.strip()]
        demanded = [key_of(text) for text in chosen.witness_key]
        seen = [Path(path).read_text("utf-8") for path in chosen.checkpoint]
        with chosen.package.open("rb") as file:
            told, cosigners, wrong = verify(file, keys, demanded, seen)
    except (OSError, UnicodeError, Wrong) as error:
        shown = error if isinstance(error, Wrong) else Wrong("file.unreadable", str(error))
        told, cosigners, wrong = {}, [], [shown]
    said = "".join(f"WRONG: {each.args[1]} [{each.args[0]}]\n" for each in wrong)
    told["by"] = ", ".join(cosigners) or "nobody"
    sound = "SOUND: {kind} {id}, {events} events of {origin}; cosigned by {by}\n"
    sys.stdout.write(said or sound.format(**told))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
