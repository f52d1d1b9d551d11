"""The back-test page: paste or upload policies, choose a span, see who would have moved."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, get_args

from fastapi import Depends, Request, Response
from starlette.datastructures import UploadFile

from api.exporting import columns_of, csv_of
from api.pages.asked import day_in
from api.pages.periods import today_in
from api.pages.rendering import Look, View
from api.problems import status_of
from domain.errors import Invalid, Refused
from domain.periods import ONE_DAY, PeriodKind
from domain.policies.loading import load
from projections.backtesting import Backtest, Change, Move, Standing, backtest

SHOWN = 200
LONGEST = timedelta(days=3 * 366)
A_MONTH = timedelta(days=30)
KINDS: Sequence[PeriodKind] = get_args(PeriodKind)
# Several files in one field stand under each other with this between them.
BETWEEN = re.compile(r"^---[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form holds; ``files`` are the texts that were uploaded."""

    fields: Mapping[str, str]
    files: Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """What would have been other, for a table and a spreadsheet."""

    kind: str
    period: str
    unit: str
    name: str
    what: str
    real: str
    new: str
    moved: str


async def asked(request: Request) -> Asked:
    form = await request.form(max_files=20, max_fields=20)
    files: list[str] = []
    for value in form.getlist("files"):
        if isinstance(value, UploadFile) and value.size:
            files.append(_text(value.filename or "", await value.read()))
    return Asked({name: v for name, v in form.items() if isinstance(v, str)}, files)


Given = Annotated[Asked, Depends(asked)]


def empty(view: Look) -> Response:
    today = today_in(view)
    fields = {"from": f"{today - A_MONTH}", "to": f"{today - ONE_DAY}", "period": "month"}
    return _page(view, fields)


def run(view: Look, given: Given) -> Response:
    try:
        found = _replayed(view, given)
    except Refused as refused:
        texts = "\n---\n".join([given.fields.get("text", "").strip(), *given.files]).strip()
        return _page(view, {**given.fields, "text": texts}, refused=refused)
    if given.fields.get("format") == "csv":
        return csv_of(lines(view, found), columns_of(Line), "backtest")
    texts = "\n---\n".join(_texts(given))
    return _page(view, {**given.fields, "text": texts}, found)


def lines(view: View, found: Backtest) -> Iterator[Line]:
    """What follows first, then places: those that would have moved farthest, first."""
    for change in found.changes:
        yield _change(view, change)
    for move in sorted(found.moves, key=lambda m: (-abs(m.places), -abs(m.points), m.unit)):
        yield _move(view, move)


def _page(
    view: View,
    fields: Mapping[str, str],
    found: Backtest | None = None,
    refused: Refused | None = None,
) -> Response:
    told = list(lines(view, found)) if found else []
    return view.render(
        "backtest.html",
        status_of(refused) if refused else 200,
        section="policies",
        fields=fields,
        kinds=[(kind, view.t(f"backtest.{kind}")) for kind in KINDS],
        found=found,
        last=found.end - ONE_DAY if found else None,
        lines=told[:SHOWN],
        hidden=max(0, len(told) - SHOWN),
        counted=[
            (view.t(f"changed.{kind}"), n) for kind, n in sorted(found.counted().items())
        ] if found else [],
        refused=refused.message if refused else "",
        code=refused.code if refused else "",
    )  # fmt: skip


def _replayed(view: View, given: Asked) -> Backtest:
    fields = given.fields
    first, last = day_in(fields.get("from", "")), day_in(fields.get("to", ""))
    if first is None or last is None:
        raise Invalid("day.unreadable", view.t("backtest.no_span"))
    if last - first > LONGEST:
        raise Invalid("backtest.too_long", view.t("backtest.too_long"))
    kind = next((each for each in KINDS if each == fields.get("period", "month")), None)
    if kind is None:
        raise Invalid("period.unreadable", f"period is one of: {', '.join(KINDS)}")
    new = [load(text) for text in _texts(given)]
    standing = view.services.desk.standing
    return backtest(
        view.services.store, standing.policies, new, first, last + ONE_DAY, kind,
        standing.calendars,
    )  # fmt: skip


def _texts(given: Asked) -> list[str]:
    pasted = BETWEEN.split(given.fields.get("text", "").replace("\r\n", "\n"))
    return [f"{text.strip()}\n" for text in (*pasted, *given.files) if text.strip()]


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(
            "policy.encoding", f"{name[:80]} is not UTF-8 (byte {error.start}): save it as UTF-8"
        ) from error


def _change(view: View, change: Change) -> Line:
    return Line(
        view.t(f"changed.{change.kind}"), change.period, change.unit, change.name, change.what,
        change.real, change.new, "",
    )  # fmt: skip


def _move(view: View, move: Move) -> Line:
    what = " · ".join(part for part in (move.board, view.t.of("kind", move.peer_group)) if part)
    moved = ""
    if move.real and move.new:
        moved = view.t(
            "backtest.moved", places=view.f.signed(move.places), points=view.f.signed(move.points)
        )
    return Line(
        view.t("changed.place"), move.period, move.unit, move.name, what, _place(view, move.real),
        _place(view, move.new), moved,
    )  # fmt: skip


def _place(view: View, standing: Standing | None) -> str:
    if standing is None:
        return ""
    told = view.t(
        "backtest.place", n=view.f.number(standing.place), points=view.f.number(standing.points)
    )
    return f"{told} {view.t('rank.veto')}" if standing.veto else told
