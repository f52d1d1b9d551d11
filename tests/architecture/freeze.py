"""Writes the golden samples and schemas of events that have none yet.

    python -m tests.architecture.freeze            add what is missing; refuse what has changed
    python -m tests.architecture.freeze --refresh  write all anew: only while nothing is released

A sample is what a log of today holds, byte for byte, so it must be readable for ever. An event
whose shape changes gets a new VERSION and an upcaster, and then a sample beside the old one.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from domain.messages import Event
from domain.registry import EVENTS, Registry

GOLDEN = Path(__file__).parents[1] / "golden"
MANIFEST = GOLDEN / "MANIFEST.sha256"


class Sample(msgspec.Struct):
    """One stored event: the topic it is stored under and the bytes of its body."""

    topic: str
    body: msgspec.Raw


def file_name(event: type[Event]) -> str:
    return f"{event.NAME}.{event.VERSION}.json"


def sample(event: type[Event]) -> bytes:
    """An event with every field filled, as it would lie in the log."""
    registry, made = Registry(), msgspec.convert(_example(inspect.type_info(event), ""), event)
    body = msgspec.Raw(registry.encode(made))
    return msgspec.json.encode(Sample(registry.topic(made), body)) + b"\n"


def schema(event: type[Event]) -> bytes:
    """The event's JSON Schema without its prose, which may be bettered at any time."""
    described = _without_prose(msgspec.json.schema(event))
    return json.dumps(described, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def expected() -> dict[str, bytes]:
    """Path under ``tests/golden`` → content, for the current version of every event."""
    return {
        f"{folder}/{file_name(event)}": make(event)
        for event in EVENTS
        for folder, make in (("events", sample), ("schemas", schema))
    }


def present() -> dict[str, bytes]:
    """Path under ``tests/golden`` → content, of every frozen file."""
    return {
        path.relative_to(GOLDEN).as_posix(): path.read_bytes()
        for path in sorted(GOLDEN.glob("*/*.json"))
    }


def manifest(files: dict[str, bytes]) -> str:
    """In the form that ``sha256sum --check`` reads."""
    return "".join(
        f"{hashlib.sha256(content).hexdigest()}  {path}\n"
        for path, content in sorted(files.items())
    )


def _without_prose(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _without_prose(value)
            for key, value in node.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [_without_prose(item) for item in node] if isinstance(node, list) else node


def _example(kind: inspect.Type, name: str) -> Any:
    """A value of that type, as JSON would hold it; texts are named after their field."""
    match kind:
        case inspect.StructType(fields=fields) | inspect.DataclassType(fields=fields):
            return {field.encode_name: _example(field.type, field.name) for field in fields}
        case inspect.UnionType(types=types):
            return _example(next(t for t in types if not isinstance(t, inspect.NoneType)), name)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return [_example(item, name)]
        case inspect.DictType(value_type=value):
            return {name: _example(value, name)}
        case inspect.LiteralType(values=values):
            return values[-1]
        case inspect.StrType():
            return f"{name} 样例"
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return 42
        case inspect.FloatType():
            return 0.5
        case inspect.DecimalType():
            return Decimal("12.50")
        case inspect.DateTimeType():
            return datetime(2026, 2, 28, 15, 59, 59, 123456, UTC)
        case inspect.DateType():
            return datetime(2026, 2, 28, tzinfo=UTC).date()
    raise TypeError(f"no example for {kind} ({name}): add one here")


def main(arguments: Sequence[str]) -> str:
    """What was done, in one line; ends the program if a frozen file would change."""
    refresh = "--refresh" in arguments
    wanted, frozen = expected(), {} if refresh else present()
    changed = [path for path, content in wanted.items() if frozen.get(path, content) != content]
    if changed:
        sys.exit(
            f"{', '.join(changed)}: frozen and would change;"
            " give the event a new VERSION and an upcaster, nothing was written"
        )
    if refresh:
        for old in GOLDEN.glob("*/*.json"):
            old.unlink()
    added = wanted.keys() - frozen.keys()
    for path in added:
        (GOLDEN / path).parent.mkdir(parents=True, exist_ok=True)
        (GOLDEN / path).write_bytes(wanted[path])
    MANIFEST.write_text(manifest(present()), encoding="utf-8")
    return f"{len(added)} written, {len(frozen)} left as they were"


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
