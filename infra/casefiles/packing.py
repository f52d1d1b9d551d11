"""Packs what happened to one thing, with all that proves it, into one file."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from mimetypes import guess_extension
from typing import Any, BinaryIO

import msgspec

from api.services import City
from domain.deciding import Desk
from domain.errors import NotFound, Refused
from domain.evidence.events import EvidenceAttached
from domain.evidence.ports import EvidenceStore
from domain.moments import check_then
from domain.persons.registering import PersonRegister
from domain.policies.events import PolicyAdopted
from domain.policies.reading import normalised
from domain.ports import Clock
from domain.registry import Registry
from infra.casefiles.choosing import Stored, chosen, read_raws
from infra.casefiles.container import Container
from infra.casefiles.drawing_up import File, Matter, cosigners_of, draw_up
from infra.casefiles.papers import html_of, pdf_of
from infra.casefiles.proving import Ground, ground_for, history, key_lines, proofs, seal
from infra.casefiles.verify import Wrong, key_of, verify
from infra.settings import Settings
from infra.transparency.kept import Kept
from projections.events import leaf, leaf_hash
from projections.packages import Order, Packed
from projections.projection import Step
from projections.reading import Reader
from streams.wire import Decoding, Unreadable

Report = Callable[[int, int], None]

PERSON = re.compile(rb"\bp-[0-9a-f]{16}\b")
STEPS = 6


@dataclass(frozen=True, slots=True)
class Sources:
    """What packages are made of."""

    store: Stored
    desk: Desk
    reader: Reader
    clock: Clock
    city: Callable[[], City]
    synthetic: Callable[[], bool]
    version: str
    evidence: EvidenceStore
    persons: PersonRegister
    kept: Kept
    settings: Settings


def pack(
    sources: Sources, order: Order, file: BinaryIO, report: Report = lambda done, total: None
) -> Packed:
    """Writes the package and verifies it as anybody else would, before anybody else does. The
    tables must hold all events. Raises ``Refused`` (``package.*``, ``key.none``, ``log.*``) and
    what ``chosen`` raises."""
    check_then(order.then, sources.store, sources.clock.now(), sources.city().zone)
    found = chosen(sources.store, sources.reader, order.kind, order.key, order.then)
    steps = _steps(sources, found.positions)
    report(1, STEPS)
    ground = ground_for(sources.kept, sources.settings, found.positions[-1])
    policies, attached = _policies(sources, steps), list(_evidence(sources, steps, order.evidence))
    keys = [entry.key for entry in sources.kept.ledger.key_list() if entry.end is None]
    matter = Matter(
        order.kind, order.key, order.then, order.language, steps, found.whole,
        [each for each, _ in attached], sorted(policies), cosigners_of(ground.note, keys),
    )  # fmt: skip
    report(2, STEPS)
    container = Container(file)
    _add_papers(sources, matter, ground, container, report)
    _add_proof(sources, matter, ground, container)
    for digest, text in sorted(policies.items()):
        container.add(f"policies/{digest}.yaml", text)
    for each, data in attached:
        if each.name:
            container.add(each.name, data)
    if order.persons:
        container.add("persons.json", _persons(sources, steps))
    container.add("manifest.json", _manifest(matter, ground, container, sources.version))
    container.add("seal.txt", seal(ground, container.written[-1].sha256))
    size = container.close()
    report(5, STEPS)
    _check(file, ground)
    report(STEPS, STEPS)
    absent = sum(not each.name for each, _ in attached)
    return Packed(len(steps), len(container.written), size, ground.checkpoint.size, absent)


def _add_papers(
    sources: Sources, matter: Matter, ground: Ground, container: Container, report: Report
) -> None:
    paper = draw_up(
        matter, ground, sources.city(), sources.synthetic(), sources.version, sources.reader,
        sources.store, sources.desk.standing.policies,
    )  # fmt: skip
    for name in ("README.txt", "verify.py"):
        container.add(name, (files("infra.casefiles") / name).read_bytes())
    container.add("timeline.html", html_of(paper))
    report(3, STEPS)
    container.add("timeline.pdf", pdf_of(paper, datetime.fromtimestamp(ground.at, UTC)))
    report(4, STEPS)


def _add_proof(sources: Sources, matter: Matter, ground: Ground, container: Container) -> None:
    positions, ledger = [step.envelope.position for step in matter.steps], sources.kept.ledger
    container.add("events.leaves", b"".join(map(leaf, matter.steps)))
    container.add("events.jsonl", b"".join(map(_line, matter.steps)))
    container.add("proofs.txt", proofs(ground, positions))
    container.add("checkpoint.txt", ground.note.encode())
    container.add("history.txt", history(ground, ledger))
    container.add("keys.txt", key_lines(ledger))


def _steps(sources: Sources, positions: Sequence[int]) -> list[Step]:
    try:
        return Decoding(Registry()).steps(read_raws(sources.store, positions))
    except Unreadable as error:
        raise Refused("package.unreadable", f"{error}: run duban verify") from error


def _policies(sources: Sources, steps: Sequence[Step]) -> Mapping[str, bytes]:
    """The texts of all policies that the events name, by digest, as the digest is made of them."""
    wanted = {digest for step in steps for digest in step.envelope.metadata.policies}
    found: dict[str, bytes] = {}
    for envelope in sources.store.load_kind("policy"):
        match envelope.event:
            case PolicyAdopted(digest=digest, body=body) if digest in wanted:
                found[digest] = normalised(body).encode()
    if lacking := wanted - found.keys():
        raise NotFound("policy.unknown", f"no policy {sorted(lacking)[0][:12]} was adopted")
    return found


def _evidence(
    sources: Sources, steps: Sequence[Step], wanted: bool
) -> Iterator[tuple[File, bytes]]:
    """Every file that the events name, once, as it is stored; without a name if it is lost."""
    told: set[str] = set()
    for step in steps:
        for digest, media_type, size, caption in _named(step.envelope.event):
            if digest in told:
                continue
            told.add(digest)
            data = _opened(sources, digest) if wanted else b""
            suffix = guess_extension(media_type) or ".bin"
            name = f"evidence/{digest}{suffix}" if data else ""
            yield File(name, len(data) or size, digest, caption), data


def _named(event: Any) -> Iterator[tuple[str, str, int, str]]:
    """Digest, media type, size and caption of the files that an event names."""
    if isinstance(event, EvidenceAttached):
        yield event.digest, event.media_type, event.size, event.caption
    for item in getattr(event, "evidence", ()):
        yield item.sha256, item.media_type, 0, item.name


def _opened(sources: Sources, digest: str) -> bytes:
    try:
        return sources.evidence.open(digest)
    except NotFound:
        return b""
    except Refused as refusal:
        if not refusal.code.startswith("evidence."):
            raise
        return b""


def _persons(sources: Sources, steps: Sequence[Step]) -> bytes:
    """What the vault knows of everybody whom the events name; of the forgotten, that they are.
    Not needed for the proof: the events hold pseudonyms and salted digests."""
    said: dict[str, Any] = {}
    for person in sorted({name.decode() for step in steps for name in PERSON.findall(_text(step))}):
        try:
            known = sources.persons.look(person)
        except NotFound:
            continue
        said[person] = {"erased": True} if known.erased else dict(known.fields)
    return (json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _text(step: Step) -> bytes:
    return b" ".join((step.envelope.stream_id.encode(), step.meta, step.data))


def _line(step: Step) -> bytes:
    """An event for programs that do not read leaves."""
    envelope = step.envelope
    head = {
        "position": envelope.position, "stream": envelope.stream_id, "version": envelope.version,
        "type": step.topic, "recorded_at": envelope.recorded_at, "leaf_hash": leaf_hash(step),
        "metadata": msgspec.Raw(step.meta), "body": msgspec.Raw(step.data),
    }  # fmt: skip
    return msgspec.json.encode(head) + b"\n"


def _manifest(matter: Matter, ground: Ground, container: Container, version: str) -> bytes:
    as_of = matter.then.as_of
    told = {
        "format": "duban-package@v1",
        "kind": matter.kind,
        "id": matter.key,
        "origin": ground.checkpoint.origin,
        "size": ground.checkpoint.size,
        "events": len(matter.steps),
        "as_of": as_of.isoformat() if as_of else None,
        "whole": list(matter.whole),
        "evidence": [f.name.removeprefix("evidence/") for f in matter.evidence if f.name],
        "absent": [each.digest for each in matter.evidence if not each.name],
        "program": f"duban {version}",
        "files": [written._asdict() for written in container.written],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _check(file: BinaryIO, ground: Ground) -> None:
    """What leaves the house is sound, or it does not leave. Raises ``Refused``
    (``package.unsound``)."""
    try:
        wrong = verify(file, [key_of(str(ground.signer.key))])[2]
    except Wrong as error:
        wrong = [error]
    if wrong:
        raise Refused("package.unsound", f"{wrong[0].args[1]}: run duban verify")
