"""Why an appeal was possible, what it is against, and what follows from it."""

from datetime import datetime

from domain.appeals.events import AppealFiled, ContestedEntry
from domain.messages import Envelope
from projections.appeals import APPEALS, AppealRow
from projections.why.answers import Explanation, Link, Part, Said, Sources, once
from projections.why.citing import assumed, cite, cited, name_of, of_clause, stream_of
from projections.why.entries import entry_key
from projections.why.spoken import moment, signed, who, word
from projections.why.steps import step_in_words

HOW = "write the id of an appeal, such as score_entry-9f0c…"
AGAINST = {
    "score_entry": Said("计分", "the score entry"),
    "timeout": Said("超期", "the timeout"),
    "list_entry": Said("上榜", "the list entry"),
    "money": Said("扣款或奖励", "the deduction or reward"),
}


def explain(sources: Sources, key: str, as_of: datetime | None) -> Explanation:
    stored = stream_of(sources, "appeal", key, as_of, HOW)
    row: AppealRow | None = None
    for envelope in stored:
        row = APPEALS.fold(row, envelope)
    assert row is not None  # the first event of a stream begins it
    clauses = cite(sources.book, row.policy, row.against)
    unit, what, status = name_of(sources.reader, row.unit), AGAINST[row.against], word(row.status)
    return Explanation(
        thing="appeal",
        key=key,
        title=Said(
            f"{unit} 对{what.zh} {row.subject} 的申诉（{status.zh}）",
            f"Appeal of {unit} against {what.en} {row.subject} ({status.en})",
        ),
        sentences=(
            Said(f"理由：{row.grounds}", f"Grounds: {row.grounds}"),
            *map(of_clause, clauses),
            *assumed(clauses),
            *_times(sources, row),
            *_outcome(row),
        ),
        clauses=tuple(clauses),
        events=tuple(map(cited, stored)),
        parts=(*_contested(stored), *(_step(sources, envelope) for envelope in stored)),
        links=once([Link("unit", row.unit, unit), *_subject(row)]),
    )


def _times(sources: Sources, row: AppealRow) -> list[Said]:
    zone = sources.calendars.zone
    known, filed, due = (moment(at, zone) for at in (row.known_at, row.filed_at, row.due_at))
    told = [
        Said(
            f"{known} 起可以得知，{filed} 在期限内提出，每项只能申诉一次；{row.authority}应在 "
            f"{due} 前复核完毕。",
            f"Known since {known}, filed in time on {filed}, once only; {row.authority} reviews it "
            f"by {due}.",
        ),
        Said(
            "提出申诉的人和参与过原结论的人不能复核。",
            "Who filed it, or took part in what it is against, may not review it.",
        ),
    ]
    if row.late:
        told.append(Said("复核超过了期限。", "The review took longer than its limit."))
    return told


def _outcome(row: AppealRow) -> list[Said]:
    if row.status == "filed":
        return [
            Said(
                "目前：待复核；下一步可以裁定成立或不成立。",
                "Now: waiting for review; it may be upheld or dismissed.",
            )
        ]
    if row.status == "dismissed":
        return [
            Said(
                f"{row.decided_by} 裁定不成立：{row.reason}；原结论不变。",
                f"{row.decided_by} dismissed it: {row.reason}; everything stays.",
            )
        ]
    return [
        Said(
            f"{row.decided_by} 裁定成立：{row.reason}；统计自此改变，"
            "原始事实仍保留，已公布的不改写。",
            f"{row.decided_by} upheld it: {row.reason}; statistics change from then on, the fact "
            "stays on record and what was published is not rewritten.",
        )
    ]


def _contested(stored: list[Envelope]) -> list[Part]:
    """The score entries that fall, or would fall, with it."""
    filed = stored[0].event
    entries = filed.entries if isinstance(filed, AppealFiled) else ()
    return [_line(entry) for entry in entries]


def _line(entry: ContestedEntry) -> Part:
    said = Said(
        f"所涉计分：{entry.clause} {signed(entry.points)} 分",
        f"Contested entry: {entry.clause}, {signed(entry.points)} points",
    )
    link = Link("entry", entry_key(entry.position, entry.entry))
    return Part(said, None, entry.clause, entry.position, link)


def _step(sources: Sources, envelope: Envelope) -> Part:
    at, by = moment(envelope.occurred_at, sources.calendars.zone), who(envelope.actor)
    done, text = step_in_words(envelope.event.NAME), cited(envelope).text
    return Part(
        Said(f"{at} {by.zh} {done.zh}：{text.zh}", f"{at} {by.en} {done.en}: {text.en}"),
        position=envelope.position,
    )


def _subject(row: AppealRow) -> list[Link]:
    kind, _, key = row.stream.partition("-")
    subject = [Link("entry", row.subject)] if row.against == "score_entry" else []
    return [Link(kind, key), *subject]
