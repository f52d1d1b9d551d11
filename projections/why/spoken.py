"""The words explanations are told in: names of things, numbers and times, in both languages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.cases.events import ClockKind
from domain.policies.header import Bilingual
from domain.policies.measures import Count
from domain.policies.words import SPOKEN
from projections.why.answers import Said

CLOCKS: Mapping[ClockKind, Said] = {
    "urgent_hours": Said("紧急小时（昼夜连续计时）", "urgent hours (day and night)"),
    "working_hours": Said("工作小时", "working hours"),
    "working_days": Said("工作日", "working days"),
    "natural_days": Said("自然日", "natural days"),
}
COLOURS: Mapping[str, Said] = {
    "white": Said("白色", "white"),
    "blue": Said("蓝色", "blue"),
    "green": Said("绿色", "green"),
    "yellow": Said("黄色", "yellow"),
    "orange": Said("橙色", "orange"),
    "red": Said("红色", "red"),
}
SYSTEM: Mapping[str, Said] = {
    "system:reactions": Said("系统（按规则自动）", "the system (as the policy says)"),
    "system:clock": Said("系统时钟", "the clock of the system"),
}
STATUSES: Mapping[str, Said] = {
    "proposed": Said("已提出，待审核", "proposed, waiting for review"),
    "reviewed": Said("已审核，待批准", "reviewed, waiting for a decision"),
    "approved": Said("已批准", "approved"),
    "declined": Said("不予采纳", "declined"),
    "issued": Said("已下达", "issued"),
    "settled": Said("已结清", "settled"),
    "revoked": Said("已撤销", "revoked"),
    "served": Said("已送达", "served"),
    "answered": Said("已回复", "answered"),
    "failed": Said("逾期未办", "failed"),
    "lifted": Said("已解除", "lifted"),
    "withdrawn": Said("已撤回", "withdrawn"),
    "published": Said("已公布", "published"),
    "objected": Said("有异议，待裁定", "under objection"),
    "expired": Said("已期满", "expired"),
    "ordered": Said("已决定实施", "ordered"),
    "carried_out": Said("已实施", "carried out"),
    "packed": Said("材料已成卷", "packed"),
    "receipted": Said("已收回执", "received by the organ"),
    "concluded": Said("已有结论", "concluded"),
    "filed": Said("已受理，待复核", "filed, waiting for review"),
    "upheld": Said("申诉成立", "upheld"),
    "dismissed": Said("申诉不成立", "dismissed"),
    "composed": Said("已编制，待批准", "composed, waiting for approval"),
}
COUNTED: Mapping[Count, Said] = {
    "reported": Said("上报", "reported"),
    "filed": Said("立案", "filed"),
    "rejected": Said("不予立案", "rejected"),
    "voided": Said("作废", "voided"),
    "dispatched": Said("派遣", "dispatched"),
    "due_to_handle": Said("应处置", "due to handle"),
    "handled": Said("处置", "handled"),
    "handled_in_time": Said("按期处置", "handled in time"),
    "overdue": Said("超期", "overdue"),
    "pending": Said("待处置", "pending"),
    "reworked_cases": Said("返工案卷", "reworked cases"),
    "reworks": Said("返工次数", "reworks"),
    "suspended": Said("挂账", "suspended"),
    "extended": Said("延期", "extended"),
    "bounced": Said("推诿", "bounced"),
    "due_to_close": Said("应结案", "due to close"),
    "closed": Said("结案", "closed"),
    "closed_in_time": Said("按期结案", "closed in time"),
    "reopened": Said("重开", "reopened"),
}


def in_both(text: Bilingual) -> Said:
    return Said(text.zh, text.en)


def word(code: str, table: Mapping[str, Said] = STATUSES) -> Said:
    """A code in words; one that is a city's own word stays as it is."""
    if code in table:
        return table[code]
    return Said(*SPOKEN[code]) if code and code in SPOKEN else Said(code, code)


def who(actor: str) -> Said:
    return SYSTEM.get(actor, Said(actor, actor))


def number(value: Decimal | float) -> str:
    """No needless zeros: 100, 96.5, -2."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return f"{exact.normalize():f}" if exact else "0"


def signed(value: Decimal) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """In the city's time; to the minute unless the seconds matter."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def limit_of(amount: float, clock: str) -> Said:
    named = word(clock, {str(name): said for name, said in CLOCKS.items()})
    return Said(f"{number(amount)} 个{named.zh}", f"{number(amount)} {named.en}")


def length(span: timedelta) -> Said:
    """Days, hours and minutes, the smallest that matter."""
    minutes = int(abs(span).total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "天", "d"), (hours, "小时", "h"), (minutes, "分钟", "min")]
    kept = [part for part in parts if part[0]][:2] or [(minutes, "分钟", "min")]
    return Said(
        " ".join(f"{count} {zh}" for count, zh, _ in kept),
        " ".join(f"{count} {en}" for count, _, en in kept),
    )


def several(names: Iterable[str]) -> Said:
    listed = list(names)
    return Said("、".join(listed), ", ".join(listed))


def all_of(said: Sequence[Said]) -> Said:
    return Said("、".join(each.zh for each in said), ", ".join(each.en for each in said))
