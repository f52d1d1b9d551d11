"""A ranking on its way out: who composed, approved and published it, what follows from it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from api.pages import instruments
from api.pages.actions import Form, forms
from api.pages.cells import Hand, hands_of
from api.pages.forms import Field
from api.pages.rendering import View
from domain.errors import NotFound
from domain.periods import Period
from domain.policies.model import Board
from domain.rankings.commands import ComposeRanking, ranking_key
from domain.rankings.decide import Life
from projections.bulletins import BULLETINS, BulletinRow
from projections.histories import history
from projections.instruments import Wanted, page

MOST = 50
BEGIN = "/do/rankings"


@dataclass(frozen=True, slots=True)
class Follow:
    """What was proposed from a ranking, as a table."""

    name: str
    columns: Sequence[tuple[str, bool]]
    lines: Sequence[instruments.Line]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """``row`` is ``None`` before it is composed. ``forms`` are the steps that are legal now,
    ``follows`` the money and the list entries proposed from it."""

    ranking_id: str
    row: BulletinRow | None
    hands: Sequence[Hand]
    forms: Sequence[Form]
    draft: Sequence[Any]
    follows: Sequence[Follow]

    @property
    def status(self) -> str:
        if self.row is None:
            return "none"
        return self.row.draft_status or self.row.status


def bulletin(view: View, board: Board, period: Period, group: str, anybody: bool) -> Bulletin:
    """``anybody``: somebody is ranked, so that it can be composed once the period is over."""
    key = ranking_key(board.id, str(period), group)
    row: BulletinRow | None = None
    with suppress(NotFound):
        row = history(view.services.store, BULLETINS, key).row
    life: Life | None = view.services.desk.state(f"ranking-{key}")[1]
    over = period.bounds(view.city.zone)[1] <= view.now
    offered = forms(view, "rankings", key, row)
    if over and anybody and (life is None or life.draft is None):
        offered.insert(0, _compose(view, board, period, group, correcting=life is not None))
    return Bulletin(
        ranking_id=key,
        row=row,
        hands=hands_of(view, row) if row else (),
        forms=offered,
        draft=life.draft.rows if life and life.draft else (),
        follows=_follows(view, key) if row else (),
    )


def _compose(view: View, board: Board, period: Period, group: str, correcting: bool) -> Form:
    sent = {"board": board.id, "period": str(period), "peer_group": group}
    attempt = view.attempt if view.attempt and view.attempt.action == BEGIN else None
    return Form(
        name=ComposeRanking.NAME,
        action=BEGIN,
        fields=[Field(name, name, "hidden", True, value) for name, value in sent.items()],
        key=view.services.new_id(),
        version=0,
        error=attempt.error if attempt else "",
        code=attempt.code if attempt else "",
        label=view.t("rank.compose_correction") if correcting else "",
    )


def _follows(view: View, key: str) -> list[Follow]:
    found = []
    for shown in (instruments.MONEY, instruments.LISTS):
        rows = page(view.services.reader, shown.kind, Wanted(about=key), limit=MOST)
        if rows:
            heads, lines = instruments.columns(view, shown), instruments.lines(view, shown, rows)
            found.append(Follow(shown.kind.name, heads, lines))
    return found
