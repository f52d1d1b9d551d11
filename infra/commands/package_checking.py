"""``duban verify PACKAGE.zip``: with nothing but the package and the keys that are believed."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from domain.errors import NotFound
from infra.casefiles.verify import Key, Wrong, contents, key_of, verify
from infra.commands.progress import answer


def check_package(chosen: argparse.Namespace) -> int:
    """What ``verify.py`` in the package does, by the same code. Raises ``NotFound``
    (``package.none``, ``checkpoint.none``, ``trust.none``)."""
    seen = [read_text(path, "checkpoint.none") for path in chosen.checkpoint]
    try:
        keys = list(_believed(chosen))
        demanded = [key_of(text) for text in chosen.witness]
        with chosen.package.open("rb") as file:
            lines, sound = _verdict(file, keys, demanded, seen)
    except OSError as error:
        raise NotFound(
            "package.none", f"{chosen.package} cannot be read: {error.strerror}"
        ) from error
    except Wrong as wrong:
        lines, sound = [_wrong(wrong)], False
    for line in lines:
        answer(line)
    return 0 if sound else 1


def _believed(chosen: argparse.Namespace) -> Iterator[Key]:
    lines = [*chosen.log_key]
    for path in chosen.trust:
        lines += read_text(path, "trust.none").splitlines()
    yield from (key_of(line) for line in lines if line.strip() and not line.startswith("#"))


def _verdict(
    file: BinaryIO, keys: Sequence[Key], demanded: Sequence[Key], seen: Sequence[str]
) -> tuple[list[str], bool]:
    try:
        told, cosigners, wrong = verify(file, keys, demanded, seen)
    except Wrong as error:
        if error.args[0] != "key.none":
            raise
        return [_wrong(error), *_keys_inside(file)], False
    if wrong:
        return [_wrong(each) for each in wrong], False
    absent = len(told.get("absent", ()))
    return [
        f"{told['kind']} {told['id']}: {told['events']:,} events as they were recorded in the log "
        f"{told['origin']}, by its checkpoint of {told['size']:,} events",
        f"cosigned by {', '.join(c.partition('+')[0] for c in cosigners) or 'nobody you named'}",
        *([f"{absent:,} files of evidence are named and not in the package"] if absent else ()),
        "not proven: that what was recorded was true, and what happened after the checkpoint",
        "SOUND: nothing in the package was altered since it was recorded",
    ], True


def _keys_inside(file: BinaryIO) -> list[str]:
    found = contents(file).get("keys.txt")
    if found is None:
        return []
    file.seek(found[1])
    text = file.read(found[0]).decode("utf-8", "replace")
    return [f"in the package, believed by nobody: {line}" for line in text.splitlines()]


def _wrong(wrong: Wrong) -> str:
    return f"WRONG: {wrong.args[1]} [{wrong.args[0]}]"


def read_text(path: Path, code: str) -> str:
    """Raises ``NotFound`` with that code."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise NotFound(code, f"{path} cannot be read: {error.strerror}") from error
