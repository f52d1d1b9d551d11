"""Why a slip, money, a list entry or an accountability action is there, and what may come next."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from domain.accountability.decide import OF_OTHERS, OF_REFERRALS
from domain.listings.decide import LEGAL as LISTING_STEPS
from domain.messages import Command, Envelope
from domain.money.decide import LEGAL as MONEY_STEPS
from domain.policies.clauses import started
from domain.supervision.decide import LEGAL as SLIP_STEPS
from projections.accountability import ACCOUNTABILITY, AccountabilityRow
from projections.listings import LISTINGS, ListingRow
from projections.money import MONEY, MoneyRow
from projections.projection import Snapshot
from projections.slips import SLIPS, SlipRow
from projections.why.answers import Clause, Explanation, Link, Part, Said, Sources, once
from projections.why.citing import (
    assumed,
    cite,
    cited,
    clause_of,
    events_at,
    name_of,
    of_clause,
    policy_named,
    stream_of,
    subjects_of,
)
from projections.why.spoken import COLOURS, STATUSES, all_of, limit_of, moment, number, who, word
from projections.why.steps import command_in_words, step_in_words


class Instrument(NamedTuple):
    """A kind of proposal. ``what`` names one of them, ``more`` says what only this kind has;
    ``statuses`` are those that have a word of their own in it."""

    snapshot: Snapshot[Any]
    legal: Callable[[Any], Mapping[Any, Sequence[str]]]
    how: str
    what: Callable[[Any], Said]
    more: Callable[[Sources, Any], list[Said]]
    statuses: Mapping[str, Said] = {}


def explain(sources: Sources, kind: str, key: str, as_of: datetime | None) -> Explanation:
    instrument = INSTRUMENTS[kind]
    stored = stream_of(sources, kind, key, as_of, instrument.how)
    row: Any = None
    for envelope in stored:
        row = instrument.snapshot.fold(row, envelope)
    clauses = _clauses(sources, row)
    what, status = instrument.what(row), word(row.status, {**STATUSES, **instrument.statuses})
    unit = name_of(sources.reader, row.unit)
    named = unit or getattr(row, "subject", "")
    return Explanation(
        thing=kind,
        key=key,
        title=Said(f"{named}：{what.zh}（{status.zh}）", f"{named}: {what.en} ({status.en})"),
        sentences=(
            Said(f"原因：{row.reason or row.reason_en}", f"Because: {row.reason_en or row.reason}"),
            *([of_clause(clause) for clause in clauses] or [_by_hand(row)]),
            *assumed(clauses),
            *_grounds(row),
            *instrument.more(sources, row),
            Said(f"目前：{status.zh}。", f"Now: {status.en}."),
            _next(instrument, row),
            *_hands(row),
        ),
        clauses=tuple(clauses),
        events=(*events_at(sources, row.because), *map(cited, stored)),
        parts=tuple(_step(sources, envelope) for envelope in stored),
        links=once(
            [
                Link("unit", row.unit, unit),
                Link("case", getattr(row, "case_id", "")),
                Link("ranking", getattr(row, "ranking", "")),
                *subjects_of(sources, row.because),
            ]
        ),
    )


def _clauses(sources: Sources, row: Any) -> list[Clause]:
    """The clause of the reason; of a slip with the article of what started it."""
    policy = policy_named(sources.book, row.policy)
    if policy is None or not isinstance(row, SlipRow):
        return cite(sources.book, row.policy, row.clause)
    found = started(policy, row.clause, row.reason)
    return [] if found is None else [clause_of(policy, found)]


def _by_hand(row: Any) -> Said:
    if row.policy:
        return Said(
            f"引用的条款 {row.clause}（{row.policy}）未在已采用的规则中找到。",
            f"The clause {row.clause} ({row.policy}) that it names stands in no adopted policy.",
        )
    by = who(row.proposed_by)
    return Said(
        f"由{by.zh}人工提出，没有引用规则条款。",
        f"Proposed by hand by {by.en}, without a clause of a policy.",
    )


def _grounds(row: Any) -> list[Said]:
    if not row.because:
        return []
    positions = ", ".join(map(str, row.because))
    return [
        Said(
            f"依据日志中的事件：第 {positions} 号（见下）。",
            f"It rests on {'events' if len(row.because) > 1 else 'event'} {positions} of the log "
            "(below).",
        )
    ]


def _next(instrument: Instrument, row: Any) -> Said:
    possible = [step for step, statuses in instrument.legal(row).items() if row.status in statuses]
    if not possible:
        return Said("已终结，没有下一步。", "That is final: nothing can follow.")
    words = all_of([command_in_words(_name(step)) for step in possible])
    return Said(f"下一步可以：{words.zh}。", f"Next may come: {words.en}.")


def _hands(row: Any) -> list[Said]:
    """Who may not decide it any more."""
    if row.status not in ("proposed", "reviewed"):
        return []
    taken = [row.proposed_by, getattr(row, "reviewed_by", "")]
    people = [each for each in dict.fromkeys(taken) if each and not each.startswith("system:")]
    if not people or isinstance(row, SlipRow):
        return []
    named = ", ".join(people)
    return [
        Said(
            f"提出人和审核人不能批准：{named}。须由另一人以主管单位名义决定。",
            f"Who proposed or reviewed it may not decide it ({named}): another person decides, in "
            "the name of an authority.",
        )
    ]


def _name(step: type[Command]) -> str:
    return step.NAME


def _step(sources: Sources, envelope: Envelope) -> Part:
    at, by = moment(envelope.occurred_at, sources.calendars.zone), who(envelope.actor)
    done = step_in_words(envelope.event.NAME)
    text = cited(envelope).text
    zh, en = (f"：{text.zh}", f": {text.en}") if text.zh else ("", "")
    return Part(
        Said(f"{at} {by.zh} {done.zh}{zh}", f"{at} {by.en} {done.en}{en}"),
        position=envelope.position,
    )


def _slip(row: SlipRow) -> Said:
    colour = word(row.colour, COLOURS)
    return Said(f"{colour.zh}督办单 {row.slip_id}", f"{colour.en} slip {row.slip_id}")


def _of_slip(sources: Sources, row: SlipRow) -> list[Said]:
    zone, limit = sources.calendars.zone, limit_of(row.limit_amount, row.clock)
    told = [
        Said(
            f"事项 {row.matter} 的第 {row.ordinal} 张单（一事一单），阶梯 {row.ladder}，"
            f"由{row.authority}签发，送达后限 {limit.zh}。",
            f"Slip {row.ordinal} about the matter {row.matter} (one matter, one slip at a time), "
            f"on the ladder {row.ladder}, issued by {row.authority}; {limit.en} from service on.",
        )
    ]
    if row.due_at is not None:
        due = moment(row.due_at, zone)
        told.append(Said(f"应在 {due} 前回复。", f"It is to be answered by {due}."))
    if row.failed_at is not None:
        told.append(Said("到期没有回复，记为逾期。", "It was not answered in time: it failed."))
    if row.excused:
        told.append(
            Said(
                "已记录正当理由，不因此升级。", "A good reason is on record: it does not escalate."
            )
        )
    return told


def _money(row: MoneyRow) -> Said:
    kind = Said("考核扣款", "deduction") if row.direction == "deduction" else Said("奖励", "reward")
    amount = f"{row.amount:,.2f} {row.currency}"
    return Said(f"{kind.zh} {amount}", f"{kind.en} of {amount}")


def _of_money(sources: Sources, row: MoneyRow) -> list[Said]:
    return [
        Said(
            f"{row.period} 期，出自排名 {row.ranking}；这是市与单位之间的考核资金，不是行政罚款。",
            f"For {row.period}, from the ranking {row.ranking}; it is money between the city and a "
            "unit, not a statutory fine.",
        ),
        Said(
            f"已结算 {number(row.settled)}，共 {number(row.amount)} {row.currency}。",
            f"Settled: {number(row.settled)} of {number(row.amount)} {row.currency}.",
        ),
    ]


def _listing(row: ListingRow) -> Said:
    red = row.list == "red"
    return Said(f"{'红榜' if red else '黑榜'}（{row.rule}）", f"{row.list} list ({row.rule})")


def _of_listing(sources: Sources, row: ListingRow) -> list[Said]:
    told = []
    if row.period:
        source = (f"，出自排名 {row.ranking}", f", from the ranking {row.ranking}")
        zh, en = source if row.ranking else ("", "")
        told.append(Said(f"{row.period} 期{zh}。", f"For {row.period}{en}."))
    if row.until is not None:
        until = moment(row.until, sources.calendars.zone)
        told.append(
            Said(
                f"公布 {row.valid_days} 天，到 {until} 止。",
                f"Published for {row.valid_days} days, until {until}.",
            )
        )
    return told


def _accountability(row: AccountabilityRow) -> Said:
    return word(row.action, {})


def _of_accountability(sources: Sources, row: AccountabilityRow) -> list[Said]:
    told = [
        Said(
            f"由{row.authority}决定，{row.organ}实施；系统只提出，不作决定。",
            f"To be decided by {row.authority} and carried out by {row.organ}; the system only "
            "proposes.",
        )
    ]
    if row.decided_by:
        told.append(
            Said(
                f"{row.decided_by} 以 {row.decided_for} 名义作出决定：{word(row.status).zh}。",
                f"{row.decided_by} decided in the name of {row.decided_for}.",
            )
        )
    if row.package:
        told.append(Said(f"卷宗摘要 {row.package}。", f"Digest of the package: {row.package}."))
    if row.outcome:
        told.append(
            Said(f"外部机关结论：{row.outcome}", f"Outcome reported by the organ: {row.outcome}")
        )
    return told


INSTRUMENTS: Mapping[str, Instrument] = {
    "slip": Instrument(
        SLIPS,
        lambda row: SLIP_STEPS,
        "write its matter and number, such as A1.2",
        _slip,
        _of_slip,
        {"proposed": Said("已提出，待签发", "proposed, waiting to be issued")},
    ),
    "money": Instrument(
        MONEY, lambda row: MONEY_STEPS, "write the id of a deduction or reward", _money, _of_money
    ),
    "listing": Instrument(
        LISTINGS,
        lambda row: LISTING_STEPS,
        "write the id of an entry of a list",
        _listing,
        _of_listing,
    ),
    "accountability": Instrument(
        ACCOUNTABILITY,
        lambda row: OF_REFERRALS if row.action == "referral" else OF_OTHERS,
        "write the id of a proposal of accountability",
        _accountability,
        _of_accountability,
    ),
}
