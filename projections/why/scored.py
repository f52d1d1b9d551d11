"""A unit's points on a scoring board, line by line: base, clauses with their entries, bounds."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.model import Board, ScoringPolicy
from domain.rankings.composing import ARITHMETIC
from projections.explanations import ScoreEntry, entries
from projections.standings import Standing
from projections.why.answers import Clause, Link, Part, Said, Sources
from projections.why.citing import cite
from projections.why.entries import entry_key
from projections.why.spoken import number, signed

MOST_ENTRIES = 1000


class Account(NamedTuple):
    """``parts`` add up exactly to the points of the row."""

    sentences: tuple[Said, ...]
    parts: tuple[Part, ...]
    clauses: tuple[Clause, ...]
    links: tuple[Link, ...] = ()


def account(
    sources: Sources,
    policy: ScoringPolicy,
    period: Period,
    row: Standing,
    as_of: datetime | None,
) -> Account:
    asked = {
        "policy_id": policy.id,
        "unit": row.unit,
        "first": period.first,
        "end": period.end,
        "as_of": as_of or LAST_MOMENT,
        "up_to": sources.read,
    }
    found = entries(
        sources.reader, policy, period, row.unit, as_of=as_of, up_to=sources.read,
        limit=MOST_ENTRIES,
    )  # fmt: skip
    clauses: list[Clause] = []
    parts = [Part(Said("起始分", "Points it starts with"), policy.base)]
    for each in sources.reader.rows("why.by_clause", asked):
        cited = cite(sources.book, each["policy"], each["clause"])
        clauses += cited
        of_it = [e for e in found if (e.clause, e.policy) == (each["clause"], each["policy"])]
        title = cited[0].title if cited else Said(each["clause"], each["clause"])
        parts.append(_clause(title, each["clause"], each["points"], each["entries"], of_it))
    reached = ARITHMETIC.add(policy.base, row.balance)
    bounds, told = bounded(policy, reached, row.points)
    return Account(
        sentences=(_added_up(policy.base, row, reached), *told),
        parts=(*parts, *bounds),
        clauses=tuple(clauses),
    )


def bounded(board: Board, reached: Decimal, shown: Decimal) -> tuple[list[Part], list[Said]]:
    """What floor, ceiling and rounding add to what was reached, to come out at what is shown."""
    kept = reached
    parts: list[Part] = []
    told: list[Said] = []
    if board.floor is not None and reached < board.floor:
        kept = board.floor
        parts.append(Part(Said("保底", "Floor"), ARITHMETIC.subtract(kept, reached)))
        told.append(
            Said(f"最低不少于 {number(kept)} 分。", f"It cannot fall below {number(kept)} points.")
        )
    if board.ceiling is not None and reached > board.ceiling:
        kept = board.ceiling
        parts.append(Part(Said("封顶", "Ceiling"), ARITHMETIC.subtract(kept, reached)))
        told.append(
            Said(f"最高不超过 {number(kept)} 分。", f"It cannot rise above {number(kept)} points.")
        )
    rounding = ARITHMETIC.subtract(shown, kept)
    if rounding:
        parts.append(Part(Said("舍入", "Rounding"), rounding))
        decimals, even = board.rounding.decimals, board.rounding.mode == "half_even"
        told.append(
            Said(
                f"{'四舍六入五成双' if even else '四舍五入'}，保留 {decimals} 位小数："
                f"{number(shown)} 分。",
                f"Rounded to {decimals} decimals ({'half to even' if even else 'half up'}): "
                f"{number(shown)} points.",
            )
        )
    return parts, told


def _added_up(base: Decimal, row: Standing, reached: Decimal) -> Said:
    entries = "1 entry adds" if row.entries == 1 else f"{row.entries} entries add"
    return Said(
        f"起始 {number(base)} 分，{row.entries} 条计分合计 {signed(row.balance)} 分，"
        f"共 {number(reached)} 分。",
        f"It starts with {number(base)} points; its {entries} {signed(row.balance)}, "
        f"which makes {number(reached)}.",
    )


def _clause(
    title: Said, clause: str, points: Decimal, count: int, listed: Sequence[ScoreEntry]
) -> Part:
    """The entries of one clause; the older ones of very many stand in one line."""
    lines = [_line(entry) for entry in listed]
    hidden = count - len(lines)
    if hidden:
        told = sum((entry.points for entry in listed), Decimal(0))
        rest = ARITHMETIC.subtract(points, told)
        lines.append(
            Part(Said(f"更早的 {hidden} 条", f"{hidden} older entries"), rest, clause=clause)
        )
    said = Said(f"{title.zh}（{count} 条）", f"{title.en} ({count})")
    return Part(said, points, clause, parts=tuple(lines))


def _line(entry: ScoreEntry) -> Part:
    about = entry.case_id or entry.inspection_id or entry.penalty_id
    zh, en = (f"（{about}）", f" ({about})") if about else ("", "")
    return Part(
        Said(f"{entry.day} {entry.reason}{zh}", f"{entry.day} {entry.reason_en}{en}"),
        entry.points,
        entry.clause,
        entry.position,
        Link("entry", entry_key(entry.position, entry.entry)),
    )
