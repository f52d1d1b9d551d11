"""From what is asked to what is sent: with what the server's own records say, and what follows."""

from dataclasses import replace

from api.dependencies import PATIENCE
from api.services import Services
from domain.accountability.commands import PackReferral
from domain.appeals.commands import FileAppeal, UpholdAppeal
from domain.appeals.effects import effects
from domain.errors import Conflict, NotFound
from domain.evidence.commands import AttachEvidence
from domain.evidence.ports import Stored
from domain.messages import Command
from domain.periods import Period
from domain.policies.model import Board
from domain.rankings.commands import ComposeRanking
from domain.rankings.events import RankedUnit
from domain.requests import Request
from projections import contested, referrals, standings
from projections.sums import AN_INSTANT


def group(services: Services, asked: Request, command_id: str) -> list[Request]:
    """The requests that are stored together for the one that was asked: itself, prepared, then
    what follows from it. Of a repeated ``command_id`` nothing is prepared: the desk knows the
    first answer by the digest of what was asked. Raises ``Refused``."""
    alone = not asked.command.FOUND and not isinstance(asked.command, UpholdAppeal)
    if alone or services.store.commands([command_id]):
        return [asked]
    prepared = replace(asked, command=prepare(services, asked.command))
    followed = following(services, asked.command)
    return [prepared, *(replace(asked, command=c, expected_version=None) for c in followed)]


def prepare(services: Services, command: Command) -> Command:
    """The command with its ``FOUND`` fields filled in, whatever stood there before. Raises
    ``Refused``."""
    if not command.FOUND:
        return command
    if isinstance(command, AttachEvidence):
        return as_stored(command, services.evidence.stored(command.digest))
    position = read_up_to_now(services)
    match command:
        case ComposeRanking():
            return _composed(services, command, position)
        case FileAppeal():
            bare = command.model_copy(update=dict.fromkeys(("stream", "concerned"), ""))
            bare = bare.model_copy(update={"known_at": None, "entries": ()})
            return contested.found(services.store, services.reader, bare)
        case PackReferral(accountability_id=referral):
            events = referrals.package(services.store, services.reader, referral)
            return command.model_copy(update={"events": events})
    raise TypeError(f"nobody finds {', '.join(command.FOUND)} for {command.NAME}")


def as_stored(command: AttachEvidence, file: Stored) -> AttachEvidence:
    """The command with what the file is, whatever was said of it."""
    found = {
        "digest": file.digest, "media_type": file.media_type, "size": file.size,
        "copy_digest": file.copy, "thumbnail": file.thumbnail, "taken_at": file.taken_at,
        "latitude": file.latitude, "longitude": file.longitude, "person": file.person,
    }  # fmt: skip
    return command.model_copy(update=found)


def following(services: Services, command: Command) -> list[Command]:
    """What must be stored together with a command, or not at all."""
    if not isinstance(command, UpholdAppeal):
        return []
    _, appeal = services.desk.state(command.stream_id)
    if appeal is None:
        return []
    return effects(appeal, command, services.desk.state(appeal.stream)[1])


def read_up_to_now(services: Services) -> int:
    """The position of the newest event, which the tables hold too. Raises ``Conflict``
    (``tables.behind``) if they do not come to it in time."""
    position = services.store.last_position()
    if not services.live.wait_for(position, PATIENCE):
        raise Conflict(
            "tables.behind", f"the boards have not come to position {position} yet: try again"
        )
    return position


def _composed(services: Services, command: ComposeRanking, position: int) -> ComposeRanking:
    """The ranking as all events up to ``position`` make it. Left empty for a period that still
    runs, or that the board never ranks: then the rules of rankings say what is wrong."""
    bare = command.model_copy(update={"rows": (), "computed_at": position, "policies": ()})
    period, now = Period.parse(command.period), services.clock.now()
    zone = services.city().zone
    if period.bounds(zone)[1] > now:
        return bare
    book = services.desk.standing.policies
    boards = standings.boards_for(book, period, zone, now)
    board = next((each for each in boards if each.id == command.board), None)
    if board is None:
        _check_known(services, command, period)
        return bare
    found = standings.ranking(
        services.reader, board, period, peer_group=command.peer_group, up_to=position
    )
    rows = tuple(
        RankedUnit(row.unit, row.place, row.points, row.entries, row.veto) for row in found.rows
    )
    policies = found.policies or (found.policy_digest,)
    return command.model_copy(update={"rows": rows, "computed_at": position, "policies": policies})


def _check_known(services: Services, command: ComposeRanking, period: Period) -> None:
    """Raises ``NotFound`` (``ranking.board_unknown``) if it was no board when the period ended."""
    book, zone = services.desk.standing.policies, services.city().zone
    then = book.files(book.in_force(period.bounds(zone)[1] - AN_INSTANT))
    known = [policy.id for policy in then if isinstance(policy, Board)]
    if command.board not in known:
        raise NotFound(
            "ranking.board_unknown",
            f"no board {command.board!r} ranked {period}; boards at its end: "
            f"{', '.join(known) or 'none'}",
        )
