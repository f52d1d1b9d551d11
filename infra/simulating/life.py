"""How a made-up problem goes through its life: who does what, when, and what goes wrong."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.calendar import Calendars
from domain.cases import commands as c
from domain.cases.events import ClockKind, Limit, Place
from domain.inspections.commands import RecordInspection
from domain.inspections.events import SheetLine
from domain.messages import Command
from infra.simulating.territory import Territory

Step = tuple[datetime, str, Command]


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of problem with its limit, after one city's published table of filing standards."""

    category: str
    text: str
    severity: str
    amount: float
    clock: ClockKind
    department: int | None  # index of the department that leads; None: the street does
    weight: int


KINDS = (
    Kind("暴露生活垃圾", "路边有暴露生活垃圾", "general", 4, "urgent_hours", None, 20),
    Kind("道路不洁", "路面有大片污渍", "minor", 2, "urgent_hours", None, 16),
    Kind("垃圾满溢", "垃圾箱满溢", "general", 4, "urgent_hours", None, 12),
    Kind("非法小广告", "墙面有小广告", "minor", 1, "working_days", None, 12),
    Kind("店外经营", "店外摆放桌椅经营", "general", 2, "urgent_hours", 0, 10),
    Kind("积存垃圾渣土", "空地积存渣土", "general", 5, "working_days", 0, 6),
    Kind("上水井盖缺失", "井盖缺失有坠落危险", "major", 2, "urgent_hours", 6, 3),
    Kind("公厕设施破损", "公厕洗手盆破损", "minor", 3, "working_days", 0, 5),
    Kind("绿地脏乱", "绿地内有垃圾", "minor", 4, "working_hours", 5, 7),
    Kind("路面破损", "路面坑洼", "general", 5, "working_days", 4, 5),
    Kind("工地扬尘", "工地未覆盖裸土", "major", 4, "working_hours", 3, 4),
)
SOURCES = ("patrol", "patrol", "patrol", "hotline", "citizen_snap", "covert_check", "night_round")
STANDARD = "立案标准（示例）"


def problem(
    case_id: str, at: datetime, where: Territory, calendars: Calendars, rng: random.Random
) -> Iterator[Step]:
    """The steps of one case in order of time."""
    kind = rng.choices(KINDS, [k.weight for k in KINDS])[0]
    grid, street, latitude, longitude = rng.choice(where.grids)
    key = {"case_id": case_id}
    desk = f"dispatcher-{rng.randint(1, 4):02d}"
    inspector = f"inspector-{rng.randint(1, 30):02d}"
    place = Place(grid=grid, latitude=latitude, longitude=longitude)
    yield at, inspector, c.ReportCase(
        **key, source=rng.choice(SOURCES), category=kind.category, text=kind.text,
        severity=kind.severity, place=place,
    )  # fmt: skip
    at += _minutes(rng, 4, 25)
    if rng.random() < 0.04:
        yield at, desk, c.RejectCase(**key, reason="不符合立案标准")
        return
    yield at, desk, c.FileCase(**key, standard=STANDARD)
    unit = street if kind.department is None else where.departments[kind.department]
    limit = Limit(kind.amount, kind.clock)
    at += _minutes(rng, 2, 15)
    yield at, desk, c.DispatchCase(**key, unit=unit, limit=limit)
    if rng.random() < 0.05:
        at += _minutes(rng, 10, 60)
        other = rng.choice(where.departments)
        if rng.random() < 0.3:
            yield at, f"unit:{unit}", c.DisputeCase(**key, reason="权属不清", owner=other)
            move: Command = c.RuleCase(**key, unit=other, basis="权属裁定（示例）", limit=limit)
        else:
            yield at, f"unit:{unit}", c.ReturnCase(**key, reason="不属于本单位管辖")
            move = c.DispatchCase(**key, unit=other, limit=limit)
        unit, at = other, at + _minutes(rng, 5, 40)
        yield at, desk, move
    yield from _answer(key, at, unit, limit, desk, where.care[unit], calendars, rng)


def _answer(
    key: dict[str, str], given_at: datetime, unit: str, limit: Limit, desk: str, care: float,
    calendars: Calendars, rng: random.Random,
) -> Iterator[Step]:  # fmt: skip
    """From the dispatch to the strike-off; a careless unit is late and is sent back more often."""
    who, verifier = f"unit:{unit}", f"verifier-{rng.randint(1, 8):02d}"
    due_at = calendars.due(given_at, limit).due_at
    at = given_at + _minutes(rng, 3, 30)
    yield at, who, c.ClaimCase(**key)
    if limit.clock == "working_days" and rng.random() < 0.06:
        asked_at, at = at + _minutes(rng, 5, 20), at + _minutes(rng, 25, 40)
        yield asked_at, who, c.RequestExtension(**key, reason="连续降雨，无法施工")
        yield at, desk, c.ApproveExtension(**key)
        due_at = calendars.extend(calendars.due(given_at, limit), limit).due_at
    share = rng.lognormvariate(-0.9 + 0.9 * (1 - care), 0.55)
    done_at = max(at + _minutes(rng, 5, 10), given_at + (due_at - given_at) * share)
    if done_at > due_at:
        yield due_at, "system:clock", c.MarkOverdue(**key, due_at=due_at)
        done_at = max(done_at, due_at + _minutes(rng, 5, 600))
    yield done_at, who, c.RectifyCase(**key, note="已整改，请核查")
    at = done_at + _minutes(rng, 15, 240)
    if rng.random() < 0.05 + 0.2 * (1 - care):
        yield at, verifier, c.OrderRework(**key, reason="现场仍有问题")
        at += _minutes(rng, 30, 300)
        yield at, who, c.RectifyCase(**key, note="已再次整改")
        at += _minutes(rng, 15, 240)
    yield at, verifier, c.VerifyCase(**key, note="现场核查合格")
    at += _minutes(rng, 2, 30)
    yield at, desk, c.CloseCase(**key)
    if rng.random() < 0.01:
        at += timedelta(days=rng.randint(1, 5))
        yield at, desk, c.ReopenCase(**key, reason="问题回潮")


SHEET = (
    ("道路清扫保洁", 30), ("垃圾收运", 25), ("公厕管理", 15), ("市容秩序", 20), ("宣传公示", 10),
)  # fmt: skip


def covert_check(
    inspection_id: str, at: datetime, unit: str, care: float, rng: random.Random
) -> Step:
    """A third party's visit with its score sheet."""
    sheet = tuple(
        SheetLine(
            item,
            Decimal(round(out_of * 2 * min(1, 0.6 + 0.4 * care * rng.uniform(0.7, 1.15)))) / 2,
            Decimal(out_of),
        )
        for item, out_of in SHEET
    )
    visit = RecordInspection(
        inspection_id=inspection_id, unit=unit, source="third_party", result="scored", sheet=sheet
    )
    return at, "third-party-01", visit


def _minutes(rng: random.Random, least: float, most: float) -> timedelta:
    return timedelta(minutes=rng.uniform(least, most))
