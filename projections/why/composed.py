"""A unit's points on a composite board: the mark and weight of each component, then the bounds."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.clauses import clause_in
from domain.policies.composite import Component, CompositePolicy
from domain.policies.model import Board, ScoringPolicy
from domain.rankings.composing import ARITHMETIC, Mark
from domain.rankings.composite import Composed
from projections.composites import CompositeReader
from projections.standings import Standing
from projections.sums import marks
from projections.why.answers import Link, Part, Said, Sources
from projections.why.citing import clause_of
from projections.why.scored import Account, bounded
from projections.why.spoken import number, signed

ZERO = Decimal(0)


def account(
    sources: Sources,
    policy: CompositePolicy,
    period: Period,
    row: Standing,
    as_of: datetime | None,
) -> Account:
    reader = CompositeReader(sources.reader, sources.book, as_of, sources.read, sources.now)
    found = reader.assess(policy, period).of_unit[row.unit]
    parts = [_component(reader, policy, each, found, period) for each in policy.components]
    weighed = ZERO
    for part in parts:
        weighed = ARITHMETIC.add(weighed, part.amount or ZERO)
    missing = [each.id for each in policy.components if each.id not in found.parts]
    told = [
        Said(
            f"由 {len(policy.components)} 个分项加权相加：{number(_short(found.sum))} 分。",
            f"Its {len(policy.components)} components, each times its weight, make "
            f"{number(_short(found.sum))}.",
        )
    ]
    if missing:
        told.append(_missing(policy, missing))
    again = ARITHMETIC.subtract(found.sum, weighed)
    if again:
        parts.append(
            Part(Said("缺项按其余分项折算", "The others count for what is missing"), again)
        )
    bounds, bounding = bounded(policy, found.sum, row.points)
    cited = [clause_in(policy, each.id) for each in policy.components]
    return Account(
        sentences=(*told, *bounding),
        parts=(*parts, *bounds),
        clauses=tuple(clause_of(policy, each) for each in cited if each is not None),
        links=tuple(part.link for part in parts if part.link is not None),
    )


def _component(
    reader: CompositeReader,
    policy: CompositePolicy,
    part: Component,
    found: Composed,
    period: Period,
) -> Part:
    unit, mark = found.mark.unit, found.parts.get(part.id)
    if mark is None:
        amount = ZERO
        said = Said(f"{part.title.zh}：本期没有成绩", f"{part.title.en}: no mark in the period")
    else:
        amount = ARITHMETIC.multiply(mark.points, part.weight)
        shown, weight = number(_short(mark.points)), number(part.weight)
        said = Said(
            f"{part.title.zh}：{shown} × 权重 {weight}", f"{part.title.en}: {shown} × {weight}"
        )
    link, below = _origin(reader, policy, part, period, unit)
    return Part(said, amount, part.id, link=link, parts=tuple(below))


def _origin(
    reader: CompositeReader, policy: CompositePolicy, part: Component, period: Period, unit: str
) -> tuple[Link | None, list[Part]]:
    """Where the mark of a component comes from."""
    if part.indicator is not None:
        return Link("indicator", f"{part.indicator}:{unit}:{period}"), []
    if part.survey is not None:
        return None, _surveyed(reader, part.survey, period, unit)
    board = part.board or ""
    if part.each is None:
        return Link("rank", f"{board}:{period}:{unit}"), []
    ruled = reader.ruled(part, board, policy, period)
    join = Said("平均", "average") if part.join == "average" else Said("合计", "sum")
    lines = [
        Part(
            Said(f"{each.label('zh')}：{_shown(mark)}", f"{each.label('en')}: {_shown(mark)}"),
            link=Link("rank", f"{board}:{each}:{unit}"),
        )
        for each, mark in _series(reader, ruled, unit)
        if mark is not None
    ]
    head = Part(Said(f"以下各期的{join.zh}", f"The {join.en} of these periods"))
    return None, [head, *lines]


def _series(
    reader: CompositeReader, ruled: Sequence[tuple[Period, Board]], unit: str
) -> list[tuple[Period, Mark | None]]:
    """What the unit had on the board in each period; ``None``: it was not on it."""
    scoring = [(period, board) for period, board in ruled if isinstance(board, ScoringPolicy)]
    of_period: dict[Period, Mark | None] = {}
    if scoring:
        series, _ = marks(
            reader.reader,
            [board for _, board in scoring],
            [period for period, _ in scoring],
            reader.as_of,
            reader.up_to,
        )
        for (period, _), found in zip(scoring, series, strict=True):
            of_period[period] = next((mark for mark in found if mark.unit == unit), None)
    for period, board in ruled:
        if isinstance(board, CompositePolicy):
            composed = reader.assess(board, period).of_unit.get(unit)
            of_period[period] = None if composed is None else composed.mark
    return [(period, of_period[period]) for period, _ in ruled]


def _surveyed(reader: CompositeReader, survey: str, period: Period, unit: str) -> list[Part]:
    asked = {
        "indicator": survey,
        "as_of": reader.as_of or LAST_MOMENT,
        "up_to": reader.up_to,
        "so": reader.at or LAST_MOMENT,
    }
    lines = []
    for row in reader.reader.rows("indicators.readings", asked):
        measured = Period.parse(row["period"])
        inside = period.first <= measured.first and measured.end <= period.end
        if row["unit"] == unit and inside:
            read = number(row["value"])
            lines.append(
                Part(
                    Said(f"{measured.label('zh')}：{read}", f"{measured.label('en')}: {read}"),
                    position=row["position"],
                )
            )
    return lines


def _missing(policy: CompositePolicy, missing: Sequence[str]) -> Said:
    names = ", ".join(missing)
    if policy.missing == "zero":
        return Said(
            f"缺少的分项（{names}）按零分计。", f"What is missing ({names}) counts as zero."
        )
    return Said(
        f"缺少的分项（{names}）由其余分项按权重折算。",
        f"The other components count for what is missing ({names}), by their weights.",
    )


def _shown(mark: Mark) -> str:
    return signed(_short(mark.points)).removeprefix("+")


def _short(points: Decimal) -> Decimal:
    """Averages are kept to 50 digits; nobody reads more than six."""
    return round(points, 6)
