"""Why a case has its colour and its deadline: limit, clock, calendar, and what moved them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import get_args

from domain.cases import events as e
from domain.messages import Envelope, Event
from projections.cases import CASES, CaseRow
from projections.lights import light
from projections.why.answers import Explanation, Link, Part, Said, Sources, once
from projections.why.citing import cited, name_of, stream_of
from projections.why.spoken import COLOURS, length, limit_of, moment, who, word

HOW = "write the id of a case, such as A1"
LIGHTS = {
    **COLOURS,
    "none": Said("不计时", "no light"),
}
DATED = (
    e.CaseDispatched, e.CaseRuled, e.CaseReworkOrdered, e.CaseReopened, e.CaseExtensionApproved,
    e.CaseResumed,
)  # fmt: skip


def explain_light(sources: Sources, key: str, as_of: datetime | None) -> Explanation:
    """The clock light: the share of the limit that is used."""
    stored, row = _row(sources, key, as_of)
    at = as_of or sources.now
    colour = word(light(row, at), LIGHTS)
    named = row.case_no or row.case_id
    title = Said(f"案卷 {named} 的计时灯：{colour.zh}", f"Clock light of case {named}: {colour.en}")
    told = [*_because(sources, row, at), *_deadline(sources, row)]
    return _explanation(sources, "light", key, title, told, stored, row)


def explain_case(sources: Sources, key: str, as_of: datetime | None) -> Explanation:
    """The deadline: which it is, how it was computed, and whether it was missed."""
    stored, row = _row(sources, key, as_of)
    at = as_of or sources.now
    named = row.case_no or row.case_id
    late = row.overdue or light(row, at) == "red"
    title = Said(
        f"案卷 {named} 的时限{'：超期' if late else ''}",
        f"Deadline of case {named}{': overdue' if late else ''}",
    )
    told = [*_deadline(sources, row), *_because(sources, row, at), *_missed(sources, row, stored)]
    return _explanation(sources, "case", key, title, told, stored, row)


def _row(sources: Sources, key: str, as_of: datetime | None) -> tuple[list[Envelope], CaseRow]:
    stored = stream_of(sources, "case", key, as_of, HOW)
    row: CaseRow | None = None
    for envelope in stored:
        row = CASES.fold(row, envelope)
    assert row is not None  # the first event of a stream begins it
    return stored, row


def _explanation(
    sources: Sources,
    thing: str,
    key: str,
    title: Said,
    told: Sequence[Said],
    stored: Sequence[Envelope],
    row: CaseRow,
) -> Explanation:
    timed = (*DATED, e.CaseSuspended, e.CaseOverdue, e.CaseExempted, e.CaseRectified)
    return Explanation(
        thing=thing,
        key=key,
        title=title,
        sentences=tuple(told),
        events=tuple(cited(each) for each in stored if isinstance(each.event, timed)),
        parts=tuple(_moves(sources, stored)),
        links=once([Link("case", row.case_id, row.case_no), Link("unit", row.unit)]),
    )


def _because(sources: Sources, row: CaseRow, at: datetime) -> list[Said]:
    """What makes the light green, yellow or red."""
    zone = sources.calendars.zone
    if row.due_at is None or row.warn_at is None:
        return [
            Said("没有规定时限，所以不计时。", "No limit was set, so no clock runs."),
        ]
    due = moment(row.due_at, zone)
    colour = light(row, at)
    if colour == "none":
        return [Said("目前没有承办单位，所以不计时。", "No unit has it now, so no clock runs.")]
    until = row.rectified_at or row.suspended_at or at
    share = _share(sources, row, until)
    told = [share] if share is not None else []
    if row.rectified_at is not None:
        answered = moment(row.rectified_at, zone)
        zh, en = f"{answered} 已回复整改，计时停止。", f"Answered {answered}: the clock stopped."
        told.append(Said(zh, en))
    elif row.suspended_at is not None:
        since = moment(row.suspended_at, zone)
        zh, en = f"{since} 起挂账，计时暂停。", f"Suspended since {since}: the clock stands."
        told.append(Said(zh, en))
    over = length(until - row.due_at)
    warned = moment(row.warn_at, zone)
    match colour:
        case "red":
            zh, en = f"超过时限 {due} 已 {over.zh}", f"The deadline {due} has passed by {over.en}"
        case "yellow":
            zh = f"{warned} 起已用去时限的五分之四"
            en = f"Four fifths of the limit are used since {warned}"
        case "green":
            zh, en = f"在时限 {due} 之前", f"Before the deadline {due}"
    named = LIGHTS[colour]
    return [*told, Said(f"{zh}，因此为{named.zh}。", f"{en}: {named.en}.")]


def _share(sources: Sources, row: CaseRow, until: datetime) -> Said | None:
    """Used and given, both as the clock of the limit runs."""
    if row.due_at is None or not row.clock:
        return None
    calendars, clock = sources.calendars, _clock(row)
    # A clock that stood is left out of what was used: what is left is exact, whatever moved.
    left = calendars.elapsed(until, row.due_at, clock)
    fifth = calendars.elapsed(row.warn_at or row.due_at, row.due_at, clock)
    given = fifth * 5
    if not given:
        return None
    used = given - left
    percent = f"{used / given * 100:.0f}%"
    day = calendars.at(until).day_length
    spent, whole = _worked(used, clock, day), _worked(given, clock, day)
    return Said(
        f"时限共 {whole.zh}，已用 {spent.zh}（{percent}）。",
        f"Of {whole.en} {spent.en} are used ({percent}).",
    )


def _worked(span: timedelta, clock: e.ClockKind, day: timedelta) -> Said:
    if clock == "working_days":
        return limit_of(round(span / day, 2), clock)
    if clock == "natural_days":
        return limit_of(round(span / timedelta(days=1), 2), clock)
    return limit_of(round(span / timedelta(hours=1), 2), clock)


def _deadline(sources: Sources, row: CaseRow) -> list[Said]:
    """How the deadline in force came about."""
    if row.due_at is None or row.limit_amount is None:
        return []
    calendars, zone = sources.calendars, sources.calendars.zone
    limit = limit_of(row.limit_amount, row.clock)
    started = row.started_at or row.due_at
    told = [
        Said(
            f"时限 {limit.zh}，自 {moment(started, zone)} 起算，到 {moment(row.due_at, zone)} 止"
            f"{f'（含 {row.extensions} 次延期）' if row.extensions else ''}。",
            f"The limit of {limit.en} began {moment(started, zone)} and ends "
            f"{moment(row.due_at, zone)}"
            f"{f' ({row.extensions} extensions included)' if row.extensions else ''}.",
        )
    ]
    if row.clock.startswith("working"):
        calendar = calendars.at(started)
        spans = ", ".join(f"{_time(begin)}–{_time(end)}" for begin, end in calendar.spans)
        told.append(
            Said(
                f"按工作日历 {calendar.version} 计算：工作时间 {spans}，节假日和休息日不计，"
                "调休上班日计入。",
                f"Counted by the working calendar {calendar.version}: {spans}, without days of "
                "rest and holidays, with make-up workdays.",
            )
        )
        if calendars.assumed(started, row.due_at, _clock(row)):
            told.append(
                Said(
                    "注意：其中有的日子没有已公布的节假日安排，按每周休息日推定。",
                    "Mind: for some of these days no holiday list is known; they were judged by "
                    "the weekly rest alone.",
                )
            )
    return told


def _clock(row: CaseRow) -> e.ClockKind:
    return next(clock for clock in get_args(e.ClockKind) if clock == row.clock)


def _time(span: timedelta) -> str:
    return f"{span // timedelta(hours=1):02}:{span // timedelta(minutes=1) % 60:02}"


def _missed(sources: Sources, row: CaseRow, stored: Sequence[Envelope]) -> list[Said]:
    """Deadlines on record as missed, and whether a good appeal has taken that back."""
    zone = sources.calendars.zone
    told = []
    for envelope in stored:
        event, actor = envelope.event, who(envelope.actor)
        if isinstance(event, e.CaseOverdue):
            due, noticed = moment(event.due_at, zone), moment(envelope.recorded_at, zone)
            late = event.detected_late
            zh = "（发现较晚，按到期时间计）" if late else ""
            en = " (noticed late; it counts from its due time)" if late else ""
            told.append(
                Said(
                    f"时限 {due} 已过而未回复：由{actor.zh}于 {noticed} 记为超期{zh}。",
                    f"The deadline {due} passed without an answer: recorded {noticed} by "
                    f"{actor.en}{en}.",
                )
            )
    if row.exempt:
        told.append(
            Said(
                "申诉成立，统计中不再计为超期；超期的事实仍保留。",
                "An appeal was upheld: statistics no longer count it as overdue; the fact stays "
                "on record.",
            )
        )
    return told


def _moves(sources: Sources, stored: Sequence[Envelope]) -> list[Part]:
    """Every event that set, stopped or moved the deadline, in order."""
    found = ((envelope.position, _move(sources, envelope)) for envelope in stored)
    return [Part(said, position=position) for position, said in found if said is not None]


def _move(sources: Sources, envelope: Envelope) -> Said | None:
    event, zone = envelope.event, sources.calendars.zone
    at = moment(envelope.occurred_at, zone)
    if isinstance(event, e.CaseSuspended):
        until = moment(event.until, zone)
        return Said(
            f"{at} 挂账至 {until}：{event.reason}",
            f"{at} suspended until {until}: {event.reason}",
        )
    if not isinstance(event, DATED) or event.deadline is None:
        return None
    zh, en = _EFFECTS[type(event)]
    if isinstance(event, e.CaseDispatched | e.CaseRuled):
        unit = name_of(sources.reader, event.unit)
        zh, en = f"{zh}{unit}", f"{en} {unit}"
    limit: e.Limit | None = getattr(event, "limit", None)
    if limit is not None:
        given = limit_of(limit.amount, limit.clock)
        zh, en = f"{zh}，时限 {given.zh}", f"{en}, limit {given.en}"
    due = moment(event.deadline.due_at, zone)
    return Said(f"{at} {zh}：到 {due} 止", f"{at} {en}: due {due}")


_EFFECTS: Mapping[type[Event], tuple[str, str]] = {
    e.CaseDispatched: ("派遣", "dispatched to"),
    e.CaseRuled: ("裁定归", "ruled to belong to"),
    e.CaseReworkOrdered: ("返工", "sent back to be done again"),
    e.CaseReopened: ("重开", "reopened"),
    e.CaseExtensionApproved: ("批准延期", "extended"),
    e.CaseResumed: ("恢复计时", "resumed"),
}
