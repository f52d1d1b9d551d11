"""Rankings as JSON: as the entries stand, as they stood, as they were published, and why."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Fresh
from api.exporting import columns_of, csv_of
from api.freshness import check_fresh, tag_of
from api.moments import AskedSides, AskedThen, AsOf, At
from api.paging import cursor_of, keys_of, link_next
from api.reading import Cursor, Format, Limit, Word, add
from api.services import Services
from domain.moments import NOW, Then
from domain.periods import Period, PeriodKind
from domain.policies.model import Board
from projections import explanations, instruments, standings
from projections.explanations import ScoreEntry
from projections.instruments import BulletinLine
from projections.past.policies import book_then
from projections.past.rankings import RankingDifference, ranking_difference
from projections.standings import By, Publication, Ranking, Standing

AskedPeriod = Annotated[
    Word, Query(description="2012-04, 2012-W15, 2012-Q2, …; left out: the running month")
]
BoardId = Annotated[Word, Query(description="id of the board, if several rank the period")]
PolicyId = Annotated[Word, Query(description="the same as `board`", deprecated=True)]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A period and the board that ranks it."""

    period: Period
    policy: Board


@dataclass(frozen=True, slots=True)
class EntryPage:
    """``next`` is the ``cursor`` of the following page; there is none after the last."""

    items: list[ScoreEntry]
    next: str | None


def router() -> APIRouter:
    routes = APIRouter(tags=["rankings"])
    add(routes, "/rankings", live, "A ranking as its entries stand", Ranking, True, True)
    add(routes, "/rankings/entries", entries, "What made a unit's points", EntryPage, True, True)
    add(routes, "/rankings/difference", difference, "A ranking at two moments side by side")
    add(routes, "/rankings/boards", boards, "The boards that rank a period", keeps=True)
    add(
        routes, "/rankings/bulletins", bulletins, "Rankings on their way, and published", keeps=True
    )
    add(routes, "/rankings/published", published, "Published rankings of a period", keeps=True)
    return routes


def ruling(
    services: Services,
    period: str,
    kind: PeriodKind = "month",
    policy_id: str = "",
    then: Then = NOW,
) -> Ruled:
    """The period asked for (or the running one) and the policy that ranked it, as far as was
    known. Raises ``Invalid``, ``NotFound``."""
    zone, now = services.city().zone, then.business(services.clock.now())
    asked = Period.parse(period) if period else Period.of(kind, now, zone)
    policies = services.desk.standing.policies
    if (then.as_of, then.up_to) != (None, None):
        policies = book_then(services.store, then)
    return Ruled(asked, standings.policy_for(policies, asked, zone, now, policy_id))


@dataclass(frozen=True, slots=True)
class BoardView:
    board: str
    kind: str
    title: str
    title_en: str
    policy: str
    digest: str


def boards(
    services: Fresh, request: Request, response: Response, period: AskedPeriod = ""
) -> list[BoardView]:
    zone, now = services.city().zone, services.clock.now()
    asked = Period.parse(period) if period else Period.of("month", now, zone)
    check_fresh(request, response, tag_of(services, asked))
    found = standings.boards_for(services.desk.standing.policies, asked, zone, now)
    return [
        BoardView(
            board.id, str(getattr(board, "kind", "")), board.title.zh, board.title.en, board.ref,
            board.digest,
        )
        for board in found
    ]  # fmt: skip


def bulletins(
    services: Fresh,
    request: Request,
    response: Response,
    period: Annotated[Word, Query(description="2012-04, 2012-W15, …; left out: all")] = "",
) -> list[BulletinLine]:
    check_fresh(request, response, tag_of(services))
    return instruments.bulletins(services.reader, period)


def live(
    services: Fresh,
    request: Request,
    response: Response,
    asked: AskedThen,
    period: AskedPeriod = "",
    by: Annotated[By, Query(description="units among their peers, or all nodes of a kind")] = (
        "peers"
    ),
    peer_group: Annotated[Word | None, Query(description="one group alone")] = None,
    board: BoardId = "",
    policy: PolicyId = "",
    shape: Format = "json",
) -> Ranking | Response:
    then = asked.then
    rules = ruling(services, period, policy_id=board or policy, then=then)
    # A board of boards changes by itself when a period begins.
    today = services.clock.now().date()
    check_fresh(request, response, tag_of(services, rules.period, rules.policy.digest[:12], today))
    found = standings.ranking(
        services.reader, rules.policy, rules.period, by, peer_group, then.as_of, then.up_to,
        now=then.business(services.clock.now()), at=then.at,
    )  # fmt: skip
    if shape == "csv":
        return csv_of(found.rows, columns_of(Standing), f"ranking-{found.period}")
    return found


def difference(
    services: Fresh,
    sides: AskedSides,
    period: AskedPeriod = "",
    by: By = "peers",
    board: BoardId = "",
) -> RankingDifference:
    """Who stood elsewhere, or had other points: by what was known, or what had happened, then."""
    now, found = services.clock.now(), []
    for then in (sides.first, sides.second):
        rules = ruling(services, period, policy_id=board, then=then)
        found.append(
            standings.ranking(
                services.reader, rules.policy, rules.period, by, None, then.as_of,
                now=then.business(now), at=then.at,
            )
        )  # fmt: skip
    return ranking_difference(*found)


def entries(
    services: Fresh,
    request: Request,
    response: Response,
    asked: AskedThen,
    unit: Annotated[Word, Query(description="id of the unit")],
    period: AskedPeriod = "",
    under: Annotated[bool, Query(description="with all units under it")] = False,
    board: BoardId = "",
    policy: PolicyId = "",
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Format = "json",
) -> EntryPage | Response:
    then = asked.then
    rules = ruling(services, period, policy_id=board or policy, then=then)
    check_fresh(request, response, tag_of(services, rules.period, rules.policy.digest[:12]))
    before = keys_of(cursor, tuple[int, int]) if cursor else (standings.NO_POSITION, 0)
    most = 1_000_000 if shape == "csv" else limit + 1
    found = explanations.entries(
        services.reader, rules.policy, rules.period, unit, under, then.as_of, then.up_to, before,
        most, then.at,
    )  # fmt: skip
    if shape == "csv":
        return csv_of(found, columns_of(ScoreEntry), f"entries-{rules.period}")
    items = found[:limit]
    more = len(found) > limit
    following = cursor_of(items[-1].position, items[-1].entry) if more else None
    link_next(request, response, {"cursor": following} if following else None)
    return EntryPage(items, following)


def published(
    services: Fresh,
    request: Request,
    response: Response,
    period: Annotated[Word, Query(description="2012-04, 2012-W15, …")],
    as_of: AsOf = None,
    at: At = None,
) -> list[Publication]:
    check_fresh(request, response, tag_of(services))
    return standings.published(services.reader, Period.parse(period), as_of=as_of, at=at)
