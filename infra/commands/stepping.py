"""Steps of a history as lines: when it happened, when it was recorded, what it changed."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from domain.messages import Envelope
from projections.histories import FieldChange


def step_line(
    envelope: Envelope, changes: Sequence[FieldChange], late: bool, zone: ZoneInfo, about: str = ""
) -> str:
    changed = ", ".join(f"{c.field}: {c.before!s} → {c.after!s}" for c in changes)
    said = " (recorded late)" if late else ""
    return (
        f"{envelope.position:>8}  {envelope.occurred_at.astimezone(zone):%Y-%m-%d %H:%M}  "
        f"{envelope.event.NAME:<26} {about}{envelope.actor}{said}\n          recorded "
        f"{envelope.recorded_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {changed}"
    )


def field_lines(changes: Sequence[FieldChange]) -> Iterator[str]:
    """Two moments side by side."""
    shown = [(c.field, _shown(c.before), _shown(c.after)) for c in changes]
    widths = [max((len(row[column]) for row in shown), default=0) for column in (0, 1)]
    for field, before, after in shown:
        yield f"{field:<{widths[0]}}  {before:<{min(widths[1], 40)}}  → {after}"


def _shown(value: object) -> str:
    text = "-" if value is None or value == "" else str(value)
    return text if len(text) <= 200 else text[:199] + "…"
