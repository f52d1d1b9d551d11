"""Why a unit has its colour: the word of the supervision policy that speaks, and its events."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.consequences.colours import Colour, OpenSlip, Visit, colour_of
from domain.errors import NotFound
from domain.periods import Period
from domain.policies.supervision import SupervisionPolicy, UnitColour
from projections.inspections import INSPECTIONS, InspectionRow
from projections.projection import Snapshot
from projections.slips import SLIPS, SlipRow
from projections.standings import boards_for, ranking
from projections.unit_colours import supervision
from projections.units import UNITS
from projections.why.answers import Explanation, Link, Part, Said, Sources, once
from projections.why.citing import assumed, cite, events_at, of_clause, stream_of, subjects_of
from projections.why.ranks import rank_key
from projections.why.spoken import COLOURS, word

HOW = "write the id of a unit, such as lake"
OPEN = ("issued", "served", "answered", "failed")
HOW_SO = {
    "open_slips": Said(
        "单位的颜色取其未解除督办单中最重的一张。",
        "The colour of a unit is that of the gravest of its open slips.",
    ),
    "latest_inspection": Said(
        "单位的颜色取最近一次检查留下的标志。",
        "The colour of a unit is the sign that its last visit left.",
    ),
    "points": Said(
        "单位的颜色按本期得分所在的分数段。",
        "The colour of a unit goes by its points in the running period.",
    ),
}


def explain(sources: Sources, key: str, as_of: datetime | None) -> Explanation:
    unit: Any = None
    for envelope in stream_of(sources, "unit", key, as_of, HOW):
        unit = UNITS.fold(unit, envelope)
    policy = _policy(sources, as_of)
    rule = policy.unit_colour
    ids = sources.reader.rows("why.of_unit", {"unit": key})
    slips = _slips(sources, (row["id"] for row in ids if row["kind"] == "slip"), as_of)
    visit = _visit(sources, (row["id"] for row in ids if row["kind"] == "inspection"), as_of)
    points, rank = _points(sources, rule, key, as_of)
    found = colour_of(policy, key, slips, visit, points)
    clauses = cite(sources.book, found.policy, found.clause)
    shown = word(found.colour, COLOURS)
    return Explanation(
        thing="colour",
        key=key,
        title=Said(f"{unit.name}：{shown.zh}", f"{unit.name}: {shown.en}"),
        sentences=(
            Said(
                f"{unit.name} 为{shown.zh}：{found.zh}。", f"{unit.name} is {shown.en}: {found.en}."
            ),
            HOW_SO[rule.by],
            *map(of_clause, clauses),
            *assumed(clauses),
        ),
        clauses=tuple(clauses),
        events=tuple(events_at(sources, found.events)),
        parts=tuple(_open(slip) for slip in slips) if rule.by == "open_slips" else (),
        links=once([Link("unit", key, unit.name), *rank, *_subjects(sources, found)]),
    )


def _policy(sources: Sources, as_of: datetime | None) -> SupervisionPolicy:
    """The first supervision policy in force then."""
    policy = supervision(sources.book, as_of or sources.now)
    if policy is not None:
        return policy
    raise NotFound(
        "colour.no_policy",
        "no supervision policy is in force, so no unit has a colour: adopt one of kind supervision",
    )


def _slips(sources: Sources, ids: Iterable[str], as_of: datetime | None) -> list[OpenSlip]:
    found: list[OpenSlip] = []
    for slip_id in ids:
        row: SlipRow | None = _known(sources, SLIPS, slip_id, as_of)
        if row is not None and row.status in OPEN:
            found.append(OpenSlip(row.slip_id, row.ladder, row.colour, row.number, row.position))
    return sorted(found, key=lambda slip: slip.position)


def _visit(sources: Sources, ids: Iterable[str], as_of: datetime | None) -> Visit | None:
    latest: InspectionRow | None = None
    for inspection_id in ids:
        row: InspectionRow | None = _known(sources, INSPECTIONS, inspection_id, as_of)
        if row is not None and (
            latest is None
            or (latest.occurred_at, latest.position) < (row.occurred_at, row.position)
        ):
            latest = row
    return None if latest is None else Visit(latest.inspection_id, latest.colour, latest.position)


def _known(sources: Sources, snapshot: Snapshot[Any], key: str, as_of: datetime | None) -> Any:
    row: Any = None
    for envelope in sources.store.load(f"{snapshot.kind}-{key}"):
        if as_of is None or envelope.recorded_at <= as_of:
            row = snapshot.fold(row, envelope)
    return row


def _points(
    sources: Sources, rule: UnitColour, unit: str, as_of: datetime | None
) -> tuple[Decimal | None, list[Link]]:
    """Those of the running period on the policy's board, and where they are explained."""
    if rule.by != "points" or rule.board is None or rule.period is None:
        return None, []
    at, zone = as_of or sources.now, sources.calendars.zone
    period = Period.of(rule.period, at, zone)
    for board in boards_for(sources.book, period, zone, at):
        if board.id != rule.board:
            continue
        ranked = ranking(
            sources.reader, board, period, as_of=as_of, up_to=sources.read, book=sources.book,
            now=at,
        )  # fmt: skip
        for row in ranked.rows:
            if row.unit == unit:
                key = rank_key(board.id, str(period), row.peer_group, unit)
                return row.points, [Link("rank", key)]
    return None, []


def _open(slip: OpenSlip) -> Part:
    colour, named = word(slip.colour, COLOURS), slip.number or slip.slip_id
    return Part(
        Said(f"{colour.zh}督办单 {named}", f"{colour.en} slip {named}"),
        clause=slip.ladder,
        position=slip.position,
        link=Link("slip", slip.slip_id),
    )


def _subjects(sources: Sources, found: Colour) -> list[Link]:
    return subjects_of(sources, found.events)
