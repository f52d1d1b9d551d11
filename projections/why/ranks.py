"""Why a unit stands where it stands: its points line by line, its peers, and what was published."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.errors import Invalid, NotFound
from domain.periods import Period
from domain.policies.clauses import assumed_words, clause_in
from domain.policies.composite import CompositePolicy
from domain.policies.model import Board, ScoringPolicy
from domain.rankings.commands import ranking_key, slug
from projections.standings import Publication, Ranking, Standing, policy_for, published, ranking
from projections.why import composed, scored
from projections.why.answers import Clause, Explanation, Link, Said, Sources, once
from projections.why.citing import assumed, clause_of, whole
from projections.why.spoken import moment, number, several

HOW = (
    "write the board, the period, the peer group (or its short name) and the unit, such as "
    "city-score:2026-03:street:lake; the group may be left out"
)
MOST_NAMES = 10


class Asked(NamedTuple):
    """What a key names: ``rest`` is the group and the unit, or the unit alone."""

    board: Board
    period: Period
    rest: str


def explain(sources: Sources, key: str, as_of: datetime | None) -> Explanation:
    asked = _asked(sources, key)
    board, period = asked.board, asked.period
    ranked = ranking(
        sources.reader, board, period, as_of=as_of, up_to=sources.read, book=sources.book,
        now=sources.now,
    )  # fmt: skip
    row = _row(asked, ranked)
    account = _account(sources, board, period, row, as_of)
    printed = _of_unit(sources, board, period, row, as_of)
    peers = [each for each in ranked.rows if each.peer_group == row.peer_group]
    clauses = [*_veto_clauses(board, row), *account.clauses]
    rests_on = [
        Link("unit", row.unit, row.name),
        *(Link("ranking", each.ranking_id) for each in printed),
        *account.links,
    ]
    return Explanation(
        thing="rank",
        key=rank_key(board.id, str(period), row.peer_group, row.unit),
        title=_title(board, period, row),
        sentences=(
            _place(row, peers, period),
            *account.sentences,
            *_peers(board, row, peers),
            *_veto(board, row),
            *_before(row),
            *_printed(sources, row, printed),
            *_rules(sources, board, period, ranked),
            *assumed(clauses),
        ),
        clauses=(whole(board), *clauses),
        parts=account.parts,
        links=once(rests_on),
        amount=row.points,
    )


def rank_key(board: str, period: str, group: str, unit: str) -> str:
    return f"{ranking_key(board, period, group)}:{unit}"


def _of_unit(
    sources: Sources, board: Board, period: Period, row: Standing, as_of: datetime | None
) -> list[Publication]:
    """The line of the unit in what was published of this board."""
    rows = published(sources.reader, period, row.peer_group, as_of)
    return [each for each in rows if each.board == board.id and each.unit == row.unit]


def _asked(sources: Sources, key: str) -> Asked:
    board, _, later = key.partition(":")
    period, _, rest = later.partition(":")
    if not (board and period and rest):
        raise NotFound("rank.unknown", f"there is no rank {key[:100]!r}: {HOW}")
    try:
        parsed = Period.parse(period)
    except Invalid as unreadable:
        raise NotFound(
            "rank.unknown", f"there is no rank {key[:100]!r}: {unreadable.message}"
        ) from None
    zone = sources.calendars.zone
    return Asked(policy_for(sources.book, parsed, zone, sources.now, board), parsed, rest)


def _row(asked: Asked, ranked: Ranking) -> Standing:
    """The unit's row; a key with its group first, since a unit's id may look like anything."""
    rest = asked.rest
    for row in ranked.rows:
        if rest in (f"{row.peer_group}:{row.unit}", f"{slug(row.peer_group)}:{row.unit}"):
            return row
    for row in ranked.rows:
        if row.unit == rest:
            return row
    for left in ranked.left_out:
        if rest == left.unit or rest.endswith(f":{left.unit}"):
            raise NotFound(
                "rank.unranked",
                f"{left.name} is not ranked in {asked.period}: the veto {left.veto} keeps it off "
                f"the board {asked.board.id}",
            )
    who = "units with entries in it" if asked.board.eligibility == "touched" else "its units"
    kinds = asked.board.peer_groups.kinds
    of = f" of the kinds {', '.join(kinds)}" if kinds else ""
    raise NotFound(
        "rank.unranked",
        f"{rest[:100]!r} is not ranked on the board {asked.board.id} in {asked.period}, which "
        f"ranks {who}{of}; {HOW}",
    )


def _account(
    sources: Sources,
    board: Board,
    period: Period,
    row: Standing,
    as_of: datetime | None,
) -> scored.Account:
    if isinstance(board, ScoringPolicy):
        return scored.account(sources, board, period, row, as_of)
    assert isinstance(board, CompositePolicy)
    return composed.account(sources, board, period, row, as_of)


def _title(board: Board, period: Period, row: Standing) -> Said:
    return Said(
        f"{row.name}：{period.label('zh')}{board.title.zh}第 {row.place} 名",
        f"{row.name}: place {row.place}, {board.title.en}, {period.label('en')}",
    )


def _place(row: Standing, peers: Sequence[Standing], period: Period) -> Said:
    group = (f"“{row.peer_group}”组 ", f" of the group “{row.peer_group}”")
    zh, en = group if row.peer_group else ("", "")
    return Said(
        f"{row.name} 在{period.label('zh')}{zh}{len(peers)} 个参加排名的单位中列第 {row.place} 名，"
        f"{number(row.points)} 分。",
        f"{row.name} stands at place {row.place} of {len(peers)} ranked units{en} in "
        f"{period.label('en')}, with {number(row.points)} points.",
    )


def _peers(board: Board, row: Standing, peers: Sequence[Standing]) -> list[Said]:
    low = board.order == "low_first"
    told = [
        Said(
            f"{'分低' if low else '分高'}者在前；舍入后分数相等为并列。",
            f"{'Fewest' if low else 'Most'} points come first; points equal after rounding are a "
            "tie.",
        )
    ]
    tied = [each for each in peers if each.place == row.place and each.unit != row.unit]
    if tied and not row.veto:
        named = several(each.name for each in tied[:MOST_NAMES])
        dense = board.ties == "dense"
        more = len(tied) - MOST_NAMES
        told.append(
            Said(
                f"与 {named.zh}{f' 等 {len(tied)} 个单位' if more > 0 else ''} 并列，名次相同；"
                + ("下一名次紧接其后。" if dense else "其后的名次相应空出。"),
                f"It shares the place with {named.en}{f' and {more} more' if more > 0 else ''}; "
                + ("the next place follows." if dense else "the places they fill are skipped."),
            )
        )
    return told


def _veto(board: Board, row: Standing) -> list[Said]:
    if not row.veto:
        return []
    below = board.standard.below if board.standard is not None else None
    if row.veto == "standard" and below is not None:
        return [
            Said(
                f"得分低于达标线 {number(below)} 分，一票否决：排在全部未被否决的单位之后。",
                f"Its points are below the standard of {number(below)}, which is a veto: it stands "
                "after all units without one.",
            )
        ]
    return [
        Said(
            f"条款 {row.veto} 一票否决：不论得分多少，排在全部未被否决的单位之后。",
            f"The clause {row.veto} is a veto: whatever its points, it stands after all units "
            "without one.",
        )
    ]


def _veto_clauses(board: Board, row: Standing) -> list[Clause]:
    found = clause_in(board, row.veto) if row.veto else None
    return [] if found is None else [clause_of(board, found)]


def _before(row: Standing) -> list[Said]:
    if row.previous_place is None:
        return [Said("上一期没有参加排名。", "It was not ranked in the period before.")]
    return [
        Said(
            f"上一期列第 {row.previous_place} 名。",
            f"In the period before it stood at place {row.previous_place}.",
        )
    ]


def _printed(sources: Sources, row: Standing, printed: Sequence[Publication]) -> list[Said]:
    """What was published stays; the row explained is how it stands."""
    zone = sources.calendars.zone
    told = []
    for each in printed:
        kind = ("更正后公布", "A correction published it") if each.correction else (
            "正式公布", "It was published"
        )  # fmt: skip
        at = moment(each.published_at, zone)
        told.append(
            Said(
                f"{at} {kind[0]}：第 {each.place} 名，{number(each.points)} 分"
                f"（计至日志第 {each.computed_at} 号；{each.composed_by} 编制，"
                f"{each.approved_by} 批准，{each.published_by} 公布；校验和 "
                f"{each.checksum[:12]}…）。",
                f"{kind[1]} on {at}: place {each.place} with {number(each.points)} points "
                f"(counted up to position {each.computed_at}; composed by {each.composed_by}, "
                f"approved by {each.approved_by}, published by {each.published_by}; checksum "
                f"{each.checksum[:12]}…).",
            )
        )
    if printed and (printed[-1].place, printed[-1].points) != (row.place, row.points):
        told.append(
            Said(
                "公布之后又有新的记录，上面的分数是目前的；已公布的排名不变，变化只能另行公布更正。",
                "More was recorded after that: the points above are as it stands now. What was "
                "published does not change; a correction can be published beside it.",
            )
        )
    return told


def _rules(sources: Sources, board: Board, period: Period, ranked: Ranking) -> list[Said]:
    words = assumed_words(board)
    over = period.bounds(sources.calendars.zone)[1] <= sources.now
    zh, en = ("本期最后一刻", "at the last moment of the period") if over else ("目前", "now")
    told = [
        Said(
            f"按{zh}生效的《{board.document}》（{board.issued_by}，规则 {board.ref}）排名；"
            f"计至日志第 {ranked.computed_at} 号事件。",
            f"Ranked by the policy in force {en}: {board.document} ({board.issued_by}; policy "
            f"{board.ref}); counted up to event {ranked.computed_at}.",
        )
    ]
    if not over:
        told.append(
            Said("本期尚未结束，名次还会变化。", "The period still runs: places will change.")
        )
    if words:
        told.append(
            Said(
                f"注意：{'、'.join(words)} 在文件中没有写明，属于假定。",
                f"Mind: no document says {', '.join(words)}: that is assumed.",
            )
        )
    return told
