"""An event survives the way through a Kafka record unchanged, and damage is named."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.messages import Metadata
from streams.ports import RawEvent
from streams.records import Record, UnreadableRecord, from_record, to_record

MOMENT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
METADATA = msgspec.json.encode(Metadata(actor="operator-7", occurred_at=MOMENT))
FILED: RawEvent = (
    7, "case-甲-1", 3, "case.filed/1", b'{"standard":"x"}', METADATA, 1_772_424_000_123_456
)  # fmt: skip


def _without(record: Record, header: str) -> list[tuple[str, bytes]]:
    return [(name, value) for name, value in record.headers if name != header]


@given(
    position=st.integers(1, 2**62), key=st.text(min_size=1), version=st.integers(1, 2**31),
    schema=st.integers(1, 99), data=st.binary(), recorded=st.integers(0, 2**52),
    actor=st.text(), after=st.timedeltas(timedelta(0), timedelta(days=9999)),
)  # fmt: skip
def test_an_event_comes_back_as_it_was_stored(
    position: int, key: str, version: int, schema: int, data: bytes, recorded: int, actor: str,
    after: timedelta,
) -> None:  # fmt: skip
    metadata = msgspec.json.encode(Metadata(actor=actor, occurred_at=MOMENT + after))
    stream = f"case-{key}"
    event = (position, stream, version, f"case.filed/{schema}", data, metadata, recorded)
    record = to_record(event, "a1b2")
    assert from_record(record.key, record.value, record.headers) == event


def test_the_headers_are_those_of_a_cloud_event_in_binary_mode() -> None:
    record = to_record(FILED, "a1b2")
    assert record.key == "case-甲-1".encode()
    assert record.value == b'{"standard":"x"}'
    assert record.timestamp_ms == 1_772_424_000_123
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"a1b2:7",
        "ce_source": b"/duban/a1b2",
        "ce_type": b"case.filed",
        "ce_time": b"2026-03-02T04:00:00Z",
        "ce_subject": "case-甲-1".encode(),
        "content-type": b"application/json",
        "duban_position": b"7",
        "duban_version": b"3",
        "duban_schema": b"1",
        "duban_recorded": b"1772424000123456",
        "duban_metadata": METADATA,
    }


def test_a_trace_goes_on_in_the_header_its_standard_names() -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    metadata = METADATA[:-1] + b',"traceparent":"%s"}' % trace.encode()
    record = to_record((*FILED[:5], metadata, FILED[6]), "a1b2")
    assert dict(record.headers)["traceparent"] == trace.encode()


@pytest.mark.parametrize(
    "header",
    ["duban_position", "duban_version", "duban_schema", "duban_recorded", "duban_metadata",
     "ce_type"],
)  # fmt: skip
def test_a_missing_header_is_named(header: str) -> None:
    record = to_record(FILED, "a1b2")
    with pytest.raises(UnreadableRecord, match=f"header {header} is missing"):
        from_record(record.key, record.value, _without(record, header))


def test_a_header_that_is_no_number_is_named() -> None:
    record = to_record(FILED, "a1b2")
    headers = [*_without(record, "duban_position"), ("duban_position", b"-7")]
    with pytest.raises(UnreadableRecord, match=r"duban_position is b'-7', not a number"):
        from_record(record.key, record.value, headers)


def test_a_record_of_somebody_else_is_not_taken_for_an_event() -> None:
    record = to_record(FILED, "a1b2")
    with pytest.raises(UnreadableRecord, match="has no value"):
        from_record(record.key, None, record.headers)
    with pytest.raises(UnreadableRecord, match="has no key"):
        from_record(None, record.value, record.headers)
    with pytest.raises(UnreadableRecord, match="not the stream that ce_subject names"):
        from_record(b"case-2", record.value, record.headers)


def test_an_event_with_damaged_metadata_is_carried_as_it_is() -> None:
    damaged = (*FILED[:5], b"{", FILED[6])
    record = to_record(damaged, "a1b2")
    assert "ce_time" not in dict(record.headers)
    assert from_record(record.key, record.value, record.headers) == damaged
