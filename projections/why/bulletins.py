"""How a ranking came to be published: composed, approved by somebody else, frozen, corrected."""

from collections.abc import Sequence
from datetime import datetime

from domain.errors import NotFound
from domain.messages import Envelope
from domain.periods import Period
from domain.policies.header import PolicyFile
from domain.rankings.composing import is_intact
from domain.rankings.events import (
    RankingApproved,
    RankingComposed,
    RankingCorrected,
    RankingPublished,
    RankingWithdrawn,
)
from projections.bulletins import BULLETINS, BulletinRow
from projections.dossiers import names
from projections.why.answers import Explanation, Link, Part, Said, Sources, once
from projections.why.citing import cited, stream_of, whole
from projections.why.spoken import moment, number, word

HOW = "write its board, period and group, such as city-score:2026-03:street"
Frozen = RankingComposed | RankingPublished | RankingCorrected


def explain(sources: Sources, key: str, as_of: datetime | None) -> Explanation:
    stored = stream_of(sources, "ranking", key, as_of, HOW)
    row: BulletinRow | None = None
    for envelope in stored:
        row = BULLETINS.fold(row, envelope)
    assert row is not None  # the first event of a stream begins it
    newest = [e.event for e in stored if isinstance(e.event, Frozen)][-1]
    policies = _policies(sources, newest.policies)
    period, status = Period.parse(row.period), word(row.status)
    title = policies[0].title if policies else None
    return Explanation(
        thing="ranking",
        key=key,
        title=Said(
            f"{title.zh if title else row.board} {period.label('zh')}排名（{status.zh}）",
            f"{title.en if title else row.board}, {period.label('en')}: ranking ({status.en})",
        ),
        sentences=(
            *(said for envelope in stored for said in _step(sources, envelope)),
            _counted(newest, policies),
            _intact(newest),
        ),
        clauses=tuple(map(whole, policies)),
        events=tuple(map(cited, stored)),
        parts=tuple(_rows(sources, newest)),
        links=once([Link("policy", policy.digest, policy.ref) for policy in policies]),
    )


def _step(sources: Sources, envelope: Envelope) -> list[Said]:
    at, by, event = moment(envelope.occurred_at, sources.calendars.zone), envelope.actor, (
        envelope.event
    )  # fmt: skip
    match event:
        case RankingComposed():
            count = len(event.rows)
            return [
                Said(
                    f"{at} {by} 编制：{count} 个单位，校验和 {event.checksum}。",
                    f"{at}: {by} composed it: {count} units, checksum {event.checksum}.",
                )
            ]
        case RankingApproved():
            return [
                Said(
                    f"{at} {by} 批准（批准人不是编制人）。",
                    f"{at}: {by} approved it (somebody else than who composed it).",
                )
            ]
        case RankingPublished():
            return [
                Said(
                    f"{at} {by} 公布；此后不再改变。",
                    f"{at}: {by} published it; from then on it never changes.",
                )
            ]
        case RankingCorrected():
            return [
                Said(
                    f"{at} {by} 在原排名之外公布更正：{event.reason}",
                    f"{at}: {by} published a correction beside it: {event.reason}",
                )
            ]
        case RankingWithdrawn():
            return [
                Said(f"{at} {by} 撤回：{event.reason}", f"{at}: {by} withdrew it: {event.reason}")
            ]
    return []


def _counted(frozen: Frozen, policies: Sequence[PolicyFile]) -> Said:
    refs = ", ".join(policy.ref for policy in policies)
    return Said(
        f"计至日志第 {frozen.computed_at} 号事件，所用规则：{refs}。",
        f"Counted up to event {frozen.computed_at} of the log, by these policies: {refs}.",
    )


def _intact(frozen: Frozen) -> Said:
    if is_intact(frozen):
        return Said(
            "由名次表重新计算的校验和一致：排名未被改动。",
            "The checksum, computed again from the rows, is the same: nothing was altered.",
        )
    return Said(
        "由名次表重新计算的校验和不一致：排名已被改动！",
        "The checksum, computed again from the rows, is another one: it was altered!",
    )


def _policies(sources: Sources, digests: Sequence[str]) -> list[PolicyFile]:
    found = []
    for digest in digests:
        try:
            found.append(sources.book.get(digest))
        except NotFound:  # adopted by a log that this process has not read to its end yet
            continue
    return found


def _rows(sources: Sources, frozen: Frozen) -> list[Part]:
    called = names(sources.reader, [row.unit for row in frozen.rows])
    parts = []
    for row in frozen.rows:
        name = called[row.unit].name if row.unit in called else row.unit
        points = number(row.points)
        zh, en = (f"（一票否决：{row.veto}）", f" (veto: {row.veto})") if row.veto else ("", "")
        parts.append(
            Part(
                Said(
                    f"第 {row.place} 名 {name}：{points} 分{zh}",
                    f"{row.place}. {name}: {points} points{en}",
                ),
                clause=row.veto,
                link=Link("rank", _rank(frozen, row.unit)),
            )
        )
    return parts


def _rank(frozen: Frozen, unit: str) -> str:
    return f"{frozen.board}:{frozen.period}:{frozen.peer_group}:{unit}"
