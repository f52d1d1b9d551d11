"""What can be done with a thing now: the legal commands as forms, and who may not give which."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from api import commands
from api.pages.forms import IN_WHOSE_NAME, Field, fields_of, units_offered
from api.pages.rendering import View
from domain.accountability import commands as accountability
from domain.appeals import commands as appeals
from domain.cases import commands as cases
from domain.cases.decide import LEGAL as CASE_MOVES
from domain.listings import commands as listings
from domain.listings.decide import LEGAL as LISTING_MOVES
from domain.messages import Command
from domain.money import commands as money
from domain.money.decide import LEGAL as MONEY_MOVES
from domain.rankings import commands as rankings
from domain.supervision import commands as slips
from domain.supervision.decide import LEGAL as SLIP_MOVES

Moves = Mapping[Any, tuple[Any, ...]]

# What a form sends along from the record: the deadline that was missed, the draft that was read.
FROM_RECORD = {"due_at": "due_at", "until": "until", "checksum": "draft_checksum"}

OBJECTED = {
    "proposed": "proposed_by", "reviewed": "reviewed_by", "approved": "approved_by",
    "published": "published_by", "objected": "objected_by",
}  # fmt: skip
# Whoever took one of these steps may not take the next: the field that names them, by the step.
OTHER_HANDS: Mapping[type[Command], Mapping[str, str]] = {
    slips.RejectAnswer: {"answered": "answered_by"},
    slips.ExcuseSlip: {"answered": "answered_by"},
    slips.LiftSlip: {"answered": "answered_by"},
    money.ApproveMoney: {"proposed": "proposed_by", "reviewed": "reviewed_by"},
    listings.ApproveListing: {"proposed": "proposed_by", "reviewed": "reviewed_by"},
    listings.UpholdObjection: OBJECTED,
    listings.DismissObjection: OBJECTED,
    accountability.DecideAccountability: {"proposed": "proposed_by", "reviewed": "reviewed_by"},
    rankings.ApproveRanking: {"composed": "composed_by"},
    appeals.UpholdAppeal: {"filed": "filed_by"},
    appeals.DismissAppeal: {"filed": "filed_by"},
    cases.VerifyCase: {"rectified": "rectified_by"},
    cases.OrderRework: {"rectified": "rectified_by"},
}


@dataclass(frozen=True, slots=True)
class Form:
    """A command that can be given. ``barred`` says why not by this actor ("": they may), ``error``
    why it was refused just now, ``label`` what it is called here if not as everywhere."""

    name: str
    action: str
    fields: Sequence[Field]
    key: str
    version: int
    barred: str = ""
    error: str = ""
    code: str = ""
    label: str = ""

    @property
    def id(self) -> str:
        return f"do-{self.key}"

    @property
    def shown(self) -> list[Field]:
        return [field for field in self.fields if field.widget != "hidden"]

    @property
    def at_once(self) -> bool:
        """Nothing has to be said: one press of a button does."""
        return not self.error and not any(field.required for field in self.shown)


def by_moves(moves: Moves, *more: tuple[type[Command], str]) -> Callable[[Any], set[type[Command]]]:
    """The commands that the status allows; ``more`` are those that keep time, by their status."""

    def legal(state: Any) -> set[type[Command]]:
        found = {command for command, statuses in moves.items() if state.status in statuses}
        return found | {command for command, status in more if state.status == status}

    return legal


def of_ranking(life: Any) -> set[type[Command]]:
    found: set[type[Command]] = set()
    if life.draft is not None:
        found.add(rankings.PublishRanking if life.approved_by else rankings.ApproveRanking)
    if life.published is not None and not life.withdrawn:
        found.add(rankings.WithdrawRanking)
    return found


def of_appeal(appeal: Any) -> set[type[Command]]:
    open_now = appeal.status == "filed"
    return {appeals.UpholdAppeal, appeals.DismissAppeal} if open_now else set()


def of_case(case: Any) -> set[type[Command]]:
    """Without what nobody asked for, what is on record, and what only an upheld appeal does."""
    found = by_moves(CASE_MOVES)(case) - {cases.ExemptCase}
    if not case.extension_asked_by:
        found -= {cases.ApproveExtension, cases.RefuseExtension}
    if case.deadline is None or case.deadline.due_at in case.misses:
        found -= {cases.MarkOverdue}
    if not case.verified:
        found -= {cases.CloseCase}
    return found - ({cases.VerifyCase, cases.OrderRework} if case.verified else set())


LEGAL: Mapping[str, Callable[[Any], set[type[Command]]]] = {
    "cases": of_case,
    "slips": by_moves(SLIP_MOVES),
    "money": by_moves(MONEY_MOVES),
    "listings": by_moves(LISTING_MOVES, (listings.ExpireListing, "published")),
    "accountability": lambda action: by_moves(action.legal)(action),
    "rankings": of_ranking,
    "appeals": of_appeal,
}


def collection_of(path: str) -> commands.Collection | None:
    return next((each for each in commands.COLLECTIONS if each.path == path), None)


def verb_of(command: type[Command]) -> str:
    return command.NAME.partition(".")[2].replace("_", "-")


def address(path: str, key: str, command: type[Command]) -> str:
    return f"/do/{path}/{quote(key, safe='')}/{verb_of(command)}"


def forms(
    view: View, path: str, key: str, row: Any = None, only: Collection[str] = ()
) -> list[Form]:
    """A form for every command that is legal now, the next steps first; ``row`` gives what is sent
    along from the record. ``only`` names those that are wanted (none named: all)."""
    collection = collection_of(path)
    assert collection is not None
    stream = f"{collection.begins.STREAM}-{key}"
    version, state = view.services.desk.state(stream)
    if state is None:
        return []
    legal = LEGAL[path](state)
    offered = [command for command in collection.commands if command in legal]
    offered = [command for command in offered if _due(view, command, row)]
    return [
        _form(view, path, key, command, row, version, barred(view, command, state, row))
        for command in offered
        if not only or command.NAME in only
    ]


def _due(view: View, command: type[Command], row: Any) -> bool:
    """What records that a time is over is offered once it is."""
    if "due_at" in command.model_fields:
        return row is not None and row.due_at is not None and row.due_at <= view.now
    if "until" in command.model_fields and command is listings.ExpireListing:
        return row is not None and row.until is not None and row.until <= view.now
    return True


def _form(
    view: View, path: str, key: str, command: type[Command], row: Any, version: int, barred: str
) -> Form:
    action = address(path, key, command)
    attempt = view.attempt if view.attempt and view.attempt.action == action else None
    given = {name: _sent(row, field) for name, field in FROM_RECORD.items()}
    if command.NAME in IN_WHOSE_NAME and row is not None:
        given["authority"] = _registered(view, row.authority)
    given |= attempt.typed if attempt else {}
    fields = fields_of(view, command, given, tuple(FROM_RECORD))
    id_name = next(iter(command.model_fields))
    return Form(
        name=command.NAME,
        action=action,
        fields=[field for field in fields if field.name != id_name],
        key=view.services.new_id(),
        version=version,
        barred=barred,
        error=attempt.error if attempt else "",
        code=attempt.code if attempt else "",
    )


def _registered(view: View, authority: str) -> str:
    """The authority that was proposed, if a unit of the register is called so."""
    return authority if any(authority in unit for unit in units_offered(view)) else ""


def barred(view: View, command: type[Command], state: Any, row: Any) -> str:
    """Why who acts now may not give the command, in words; "": nothing is known against it."""
    actor, hands = view.actor, OTHER_HANDS.get(command, {})
    if not actor:
        return ""
    steps = [step for step, field in hands.items() if actor in _named(field, state, row)]
    if not steps and command.STREAM == "appeal" and actor in _actors(view, state.stream):
        steps = ["took_part"]
    if not steps:
        return ""
    told = view.t("app.comma").join(view.t(f"hands.{step}") for step in steps)
    return view.t("act.barred", actor=actor, steps=told)


def _named(field: str, *holders: Any) -> set[str]:
    return {getattr(holder, field, "") for holder in holders}


def _actors(view: View, stream: str) -> Iterable[str]:
    return (envelope.actor for envelope in view.services.store.load(stream))


def _sent(row: Any, field: str) -> str:
    value: Any = getattr(row, field, None)
    return value.isoformat() if isinstance(value, datetime) else str(value or "")
