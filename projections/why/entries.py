"""Why a unit got points: the sentence, the clause, the event, and what was taken back since."""

import re
from datetime import datetime
from decimal import Decimal

from domain.appeals.commands import appeal_key
from domain.appeals.events import AppealFiled
from domain.cases.events import CaseOverdue
from domain.errors import NotFound
from domain.messages import Envelope
from domain.moments import LAST_MOMENT
from domain.policies.clauses import clause_in
from domain.policies.model import Clause as ScoringClause
from domain.policies.model import Reading
from domain.policies.words import TOUCHED
from projections.appeals import APPEALS, AppealRow
from projections.reading import Row
from projections.why.answers import Clause, Explanation, Link, Part, Said, Sources, once
from projections.why.citing import (
    assumed,
    cite,
    cited,
    event_at,
    of_clause,
    policy_named,
    subject_of,
)
from projections.why.spoken import moment, number, signed, who

HOW = "write the position of its event and its number among the entries of that event: 1204.0"
ABOUT = ("case", "inspection", "penalty", "slip", "accountability", "reading")


def explain(sources: Sources, key: str, as_of: datetime | None) -> Explanation:
    row = _row(sources, key, as_of)
    clauses = cite(sources.book, row["policy"], row["clause"])
    factors = [c for each in row["multipliers"] for c in cite(sources.book, row["policy"], each)]
    event = event_at(sources, row["position"])
    counter = [*_corrections(sources, row, as_of), *_appeals(sources, row, as_of)]
    now = Decimal(row["points"]) + sum((part.amount or Decimal(0) for part in counter), Decimal(0))
    made = Part(
        Said(row["reason"], row["reason_en"]), row["points"], row["clause"], row["position"]
    )
    named = row["unit_name"] or row["unit"]
    return Explanation(
        thing="entry",
        key=f"{row['position']}.{row['entry']}",
        title=Said(
            f"{named}：{signed(row['points'])} 分", f"{named}: {signed(row['points'])} points"
        ),
        sentences=(
            Said(
                f"{named} 计 {signed(row['points'])} 分：{row['reason']}。",
                f"{named} got {signed(row['points'])} points: {row['reason_en']}.",
            ),
            *_by_rule(sources, row, clauses, factors),
            *(_by_event(sources, row, event) if event is not None else ()),
            *_afterwards(counter, now),
        ),
        clauses=(*clauses, *factors),
        events=() if event is None else (cited(event),),
        parts=(made, *counter),
        links=once(
            [
                Link("unit", row["unit"], named),
                *(Link(kind, row[f"{kind}_id"]) for kind in ABOUT),
                *(_origins(sources, row, event) if event is not None else ()),
                *(part.link for part in counter if part.link is not None),
            ]
        ),
        amount=now,
    )


def entry_key(position: int, entry: int) -> str:
    return f"{position}.{entry}"


def _row(sources: Sources, key: str, as_of: datetime | None) -> Row:
    found = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,4})", key)
    if found is not None:
        asked = {"position": int(found[1]), "entry": int(found[2])}
        for row in sources.reader.rows("why.entry", asked):
            if as_of is None or row["recorded_at"] <= as_of:
                return row
            raise NotFound(
                "entry.unknown_then", f"score entry {key} was not on record yet: ask later"
            )
    raise NotFound("entry.unknown", f"there is no score entry {key[:40]!r}: {HOW}")


def _origins(sources: Sources, row: Row, event: Envelope) -> list[Link]:
    """What the event happened to; of an entry that an appeal made also the one it takes back."""
    subject = subject_of(event)
    for envelope in sources.store.load(event.stream_id) if subject.kind == "appeal" else ():
        if isinstance(envelope.event, AppealFiled):
            contested = envelope.event.entries[row["entry"]]
            return [subject, Link("entry", entry_key(contested.position, contested.entry))]
    return [subject]


def _by_rule(
    sources: Sources, row: Row, clauses: list[Clause], factors: list[Clause]
) -> list[Said]:
    told: list[Said] = []
    if row["clause"] == TOUCHED:
        told.append(
            Said(
                "没有条款对此加分或扣分；这条记录说明该单位在本期内被检查过。",
                "No clause gives or takes points for it; the entry says that the unit was looked "
                "at in the period.",
            )
        )
    told += [of_clause(clause) for clause in clauses]
    policy = policy_named(sources.book, row["policy"])
    found = clause_in(policy, row["clause"]) if policy is not None else None
    part = found.part if found is not None else None
    if isinstance(part, ScoringClause) and isinstance(part.points, Reading):
        points = part.points
        told.append(
            Said(
                f"分值按事实中的数计算：（{points.read} − {number(points.minus)}）× "
                f"{number(points.times)}。",
                f"The points follow a number of the fact: ({points.read} − "
                f"{number(points.minus)}) × {number(points.times)}.",
            )
        )
    for clause in factors:
        times = clause_in(policy, clause.clause) if policy is not None else None
        by = number(times.part.times) if times is not None else "?"
        told.append(
            Said(
                f"系数 {clause.clause} 已计入：乘以 {by}。",
                f"The multiplier {clause.clause} is in these points: times {by}.",
            )
        )
    if row["veto"]:
        told.append(_veto(row["veto"]))
    return [*told, *assumed([*clauses, *factors])]


def _veto(veto: int) -> Said:
    if veto > 0:
        return Said(
            "该条款一票否决：不论得分多少，该单位本期排在最后或不参加排名。",
            "The clause is a veto: whatever its points, the unit stands last or unranked in the "
            "period.",
        )
    return Said("这条记录撤销先前的一票否决。", "The entry takes back an earlier veto.")


def _by_event(sources: Sources, row: Row, event: Envelope) -> list[Said]:
    zone = sources.calendars.zone
    happened, stored = moment(event.occurred_at, zone), moment(event.recorded_at, zone)
    actor = who(event.actor)
    told = [
        Said(
            f"由日志第 {event.position} 号事件（{event.event.NAME}，{event.stream_id}）产生："
            f"{happened} 由{actor.zh}完成，{stored} 记录。",
            f"Event {event.position} of the log made it ({event.event.NAME} of "
            f"{event.stream_id}): done {happened} by {actor.en}, recorded {stored}.",
        ),
        Said(
            f"计入 {row['day']}：按事情发生的时间、当时生效的规则计分。",
            f"It counts on {row['day']}: by the time it happened, and by the policy in force then.",
        ),
    ]
    if cited(event).late:
        told.append(
            Said(
                "记录比发生晚一天以上；计分仍按发生之日。",
                "It was recorded more than a day after it happened; it counts on the day it "
                "happened all the same.",
            )
        )
    return told


def _corrections(sources: Sources, row: Row, as_of: datetime | None) -> list[Part]:
    """What was corrected in the record itself."""
    if row["event"] not in ("inspection.recorded", "reading.recorded"):
        return []
    names = ("policy_id", "unit", "clause", "day", "inspection_id", "reading_id", "position")
    asked = {name: row[name] for name in names} | {"as_of": as_of or LAST_MOMENT}
    return [
        Part(
            Said(each["reason"], each["reason_en"]),
            each["points"],
            row["clause"],
            each["position"],
            Link("entry", entry_key(each["position"], each["entry"])),
        )
        for each in sources.reader.rows("why.corrections", asked)
    ]


def _appeals(sources: Sources, row: Row, as_of: datetime | None) -> list[Part]:
    """Appeals against this entry, or against the timeout that made it."""
    key = entry_key(row["position"], row["entry"])
    wanted = [appeal_key("score_entry", key)]
    event = event_at(sources, row["position"])
    if event is not None and isinstance(event.event, CaseOverdue):
        subject = f"{event.key}@{event.event.due_at.isoformat()}"
        wanted.append(appeal_key("timeout", subject))
    found: list[Part] = []
    for appeal_id in wanted:
        appeal: AppealRow | None = None
        for envelope in sources.store.load(f"appeal-{appeal_id}"):
            if as_of is None or envelope.recorded_at <= as_of:
                appeal = APPEALS.fold(appeal, envelope)
        if appeal is not None:
            found.append(_appeal(appeal, row))
    return found


def _appeal(appeal: AppealRow, row: Row) -> Part:
    link = Link("appeal", appeal.appeal_id)
    match appeal.status:
        case "upheld":
            said = Said(f"申诉成立：{appeal.reason}", f"appeal upheld: {appeal.reason}")
            return Part(said, -row["points"], row["clause"], appeal.position, link)
        case "dismissed":
            said = Said(f"申诉不成立：{appeal.reason}", f"appeal dismissed: {appeal.reason}")
        case _:
            said = Said(f"已申诉，待复核：{appeal.grounds}", f"under appeal: {appeal.grounds}")
    return Part(said, None, row["clause"], appeal.position, link)


def _afterwards(counter: list[Part], now: Decimal) -> list[Said]:
    if not counter:
        return []
    return [
        Said(
            f"此后有 {len(counter)} 条更正或申诉记录，目前合计 {signed(now)} 分；原记录保留不变。",
            f"Corrections and appeals since: {len(counter)}. Together with them it is now "
            f"{signed(now)} points; the first entry stays on record.",
        )
    ]
