"""The audit trail keeps the very bytes, and a hash that anybody can compute again."""

import hashlib
import json
import struct

from domain.cases.events import CaseFiled, CaseReported, Place
from projections.cases import CASES
from projections.events import EventRow, leaf, leaf_hash, rows
from projections.projection import Step
from projections.rules import Rules
from streams.wire import Decoding
from tests.support.memory_log import REGISTRY, MemoryLog
from tests.support.specification import MONDAY


def trail(log: MemoryLog) -> list[EventRow]:
    found: list[EventRow] = []
    row = None
    for step in Decoding(REGISTRY).steps(log.events):
        step.after = row = CASES.fold(row, step.envelope)
        found += rows(step, Rules())
    return found


def reported() -> MemoryLog:
    log = MemoryLog()
    event = CaseReported(
        case_no="1", source="hotline", category="c", text="暴露垃圾", about="shop",
        place=Place(grid="g", district="east"),
    )  # fmt: skip
    log.append("case-A-1", event, MONDAY, actor="李", cause="import:x:1")
    log.append("case-A-1", CaseFiled(standard="3"), MONDAY, policies=("p", "q"))
    return log


def test_an_event_is_kept_as_it_was_stored() -> None:
    first, second = trail(reported())
    assert json.loads(first.payload)["text"] == "暴露垃圾"
    assert "暴露垃圾".encode() in first.payload
    assert (first.stream_kind, first.stream_id, first.name) == ("case", "case-A-1", "case.reported")
    assert (first.event_version, first.version, first.actor) == (1, 1, "李")
    assert (first.unit, first.district, first.cause) == ("shop", "east", "import:x:1")
    assert (second.position, second.policies) == (2, ("p", "q"))


def test_a_body_in_an_old_shape_is_not_written_anew() -> None:
    """Blanks and unknown order would be lost if the event were encoded again."""
    log = reported()
    position, stream, version, topic, _, meta, recorded = log.events[1]
    log.events[1] = (position, stream, version, topic, b'{ "standard" : "3" }', meta, recorded)
    assert trail(log)[1].payload == b'{ "standard" : "3" }'


def test_the_leaf_is_exactly_what_is_written_about_it() -> None:
    steps: list[Step] = Decoding(REGISTRY).steps(reported().events)
    step = steps[1]
    micros = 1_772_413_200_000_000
    parts = [b"case-A-1", b"case.filed/1", step.meta, step.data]
    expected = struct.pack(">Q", 2) + struct.pack(">I", 2) + struct.pack(">q", micros)
    expected += b"".join(struct.pack(">I", len(part)) for part in parts) + b"".join(parts)
    assert leaf(step) == expected
    assert leaf_hash(step) == hashlib.sha256(b"\0" + expected).hexdigest()


def test_the_hash_of_an_event_never_changes() -> None:
    """A golden value: proofs given out years ago must still hold."""
    assert trail(reported())[1].leaf_hash == GOLDEN


GOLDEN = "99bc7840cee5051d8afde2371f716fd20ea65e3c22d607d68edcf38538699566"
