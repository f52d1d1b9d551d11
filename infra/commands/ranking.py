"""``duban ranking``: compose, approve, publish, correct and withdraw the rankings of a period."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from api.preparing import group, read_up_to_now
from domain.errors import Conflict, NotFound
from domain.messages import Command
from domain.periods import Period
from domain.rankings.commands import (
    ApproveRanking,
    ComposeRanking,
    PublishRanking,
    WithdrawRanking,
)
from domain.rankings.events import RankedUnit
from domain.requests import Request, digest_of
from infra.commands.exporting import add_export, export
from infra.commands.opening import add_data_option, existing, moment
from infra.commands.progress import answer
from infra.runtime import Runtime
from infra.settings import Settings
from projections.standings import policy_for, ranking

EXAMPLES = (
    "duban ranking compose city-score 2026-W15 --actor 'Li Wei'",
    "duban ranking show city-score:2026-W15:street          # the draft and its checksum",
    "duban ranking approve city-score:2026-W15:street CHECKSUM --actor 'Wang Fang'",
    "duban ranking publish city-score:2026-W15:street --actor 'Li Wei'",
    "duban ranking publish city-score:2026-W15:street --actor 'Li Wei' --reason 'one case late'",
    "duban ranking withdraw city-score:2026-W15:street --actor 'Li Wei' --reason 'wrong board'",
    "duban ranking list 2026-W15",
    "duban ranking export city-score:2026-W15:street -o ranking.zip",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="compose|show|approve|publish|withdraw|list|export"
    )
    compose = actions.add_parser("compose", help="freeze a draft; of a published one a correction")
    compose.add_argument("board", metavar="BOARD", help="id of the policy that ranks")
    compose.add_argument("period", metavar="PERIOD", help="2026-W15, 2026-04, 2026-Q2, …")
    compose.add_argument("--peer-group", metavar="NAME", help="this group; left out: each of them")
    show = actions.add_parser("show", help="what waits and what is published")
    approve = actions.add_parser("approve", help="approve a draft somebody else composed")
    publish = actions.add_parser("publish", help="publish an approved draft for ever")
    withdraw = actions.add_parser("withdraw", help="withdraw a published ranking")
    for one in (show, approve, publish, withdraw):
        one.add_argument("ranking_id", metavar="ID", help="board:period:peer-group")
    approve.add_argument("checksum", metavar="CHECKSUM", help="of the draft that was read")
    publish.add_argument("--reason", default="", help="why a correction is published")
    withdraw.add_argument("--reason", required=True, help="why it is withdrawn")
    add_export(actions, "ranking")
    several = actions.add_parser("list", help="the newest rankings, drafts and published")
    several.add_argument("period", metavar="PERIOD", nargs="?", default="")
    for one in (compose, approve, publish, withdraw):
        one.add_argument("--actor", required=True, help="who does it")
        one.add_argument("--at", metavar="TIME", help="when it happened; left out: now")
    for one in (compose, show, approve, publish, withdraw, several):
        add_data_option(one)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.action == "export":
        return export(chosen, settings)
    with existing(chosen, settings) as runtime:
        match chosen.action:
            case "compose":
                _compose(runtime, chosen)
            case "show":
                _show(runtime, chosen.ranking_id)
            case "list":
                _list(runtime, chosen.period)
            case _:
                _tell(runtime, _next_step(chosen), chosen)
                runtime.reactor.tick()  # what follows from a publication is proposed at once
    return 0


def _next_step(chosen: argparse.Namespace) -> Command:
    match chosen.action:
        case "approve":
            return ApproveRanking(ranking_id=chosen.ranking_id, checksum=chosen.checksum)
        case "publish":
            return PublishRanking(ranking_id=chosen.ranking_id, reason=chosen.reason)
        case _:
            return WithdrawRanking(ranking_id=chosen.ranking_id, reason=chosen.reason)


def _compose(runtime: Runtime, chosen: argparse.Namespace) -> None:
    """Without a peer group: the draft of each, and of those that stand as published nothing."""
    if chosen.peer_group is not None:
        groups: tuple[str, ...] = (chosen.peer_group,)
    else:
        groups = _groups(runtime, chosen)
    for name in groups:
        command = ComposeRanking(board=chosen.board, period=chosen.period, peer_group=name)
        try:
            _tell(runtime, command, chosen)
        except Conflict as refusal:
            if refusal.code != "ranking.nothing_to_correct" or len(groups) == 1:
                raise
            answer(refusal.message)
            continue
        draft = runtime.desk.state(command.stream_id)[1].draft
        answer(f"  {len(draft.rows)} units, checksum {draft.checksum}")


def _groups(runtime: Runtime, chosen: argparse.Namespace) -> tuple[str, ...]:
    services, period = runtime.services, Period.parse(chosen.period)
    book, zone = services.desk.standing.policies, services.city().zone
    board = policy_for(book, period, zone, services.clock.now(), chosen.board)
    found = ranking(services.reader, board, period, up_to=read_up_to_now(services))
    return found.peer_groups or ("",)


def _tell(runtime: Runtime, command: Command, chosen: argparse.Namespace) -> None:
    zone = runtime.services.city().zone
    asked = Request(command, chosen.actor, _moment(chosen.at, zone))
    key = f"cli:{runtime.services.new_id()}"
    done = runtime.desk.handle(group(runtime.services, asked, key), key, digest_of([asked]))
    runtime.catch_up()
    events = [e for e in runtime.store.load(command.stream_id) if e.position >= done.first_position]
    what = ", ".join(e.event.NAME for e in events) or "nothing has changed"
    answer(f"{command.stream_key}: {what} (position {done.last_position})")


def _moment(at: str | None, zone: ZoneInfo) -> datetime | None:
    return moment(at, zone) if at else None


def _show(runtime: Runtime, ranking_id: str) -> None:
    life = runtime.desk.state(f"ranking-{ranking_id}")[1]
    if life is None:
        raise NotFound("ranking.unknown", f"there is no ranking {ranking_id}: compose it")
    if life.draft is not None:
        who = f"approved by {life.approved_by}" if life.approved_by else "waits for approval"
        answer(f"draft by {life.composed_by}, {who}; checksum {life.draft.checksum}")
        _rows(life.draft.rows)
    if life.published is not None:
        state = "withdrawn" if life.withdrawn else "published"
        answer(f"{state}; checksum {life.published.checksum}")
        _rows(life.published.rows)


def _rows(rows: Sequence[RankedUnit]) -> None:
    for row in rows:
        answer(f"{row.place}\t{row.unit}\t{row.points}\t{row.entries}\t{row.veto}".rstrip())


def _list(runtime: Runtime, period: str) -> None:
    asked = str(Period.parse(period)) if period else ""
    for row in runtime.services.reader.rows("bulletins.list", {"period": asked}):
        status = row["status"]
        if row["corrections"]:
            status += f", corrections: {row['corrections']}"
        if row["checksum"] and row["draft_status"]:
            status += f", a correction is {row['draft_status']}"
        answer(f"{row['ranking_id']}\t{status}\t{row['units']} units")
