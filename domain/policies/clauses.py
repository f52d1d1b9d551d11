"""Finds in a policy what an entry or a reason names: its title, its article, what is assumed."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from domain.policies.header import Bilingual, PolicyFile
from domain.policies.model import Board
from domain.policies.supervision import SupervisionPolicy
from domain.policies.words import TOUCHED

# The lists of a policy whose parts have names, by the word that stands in the file.
LISTS = (
    "clauses", "multipliers", "components", "ladders", "rules", "lists", "rates", "targets",
    "grades",
)  # fmt: skip
NAMES = ("id", "against", "name")
STANDARD = "standard"
COLOURING = "unit_colour"

TITLES = {
    TOUCHED: Bilingual(zh="有记录，不加减分", en="On record, no points"),
    STANDARD: Bilingual(zh="达标线", en="Standard"),
    COLOURING: Bilingual(zh="单位的颜色", en="Colour of a unit"),
    "score_entry": Bilingual(zh="对计分的申诉", en="Appeal against a score entry"),
    "timeout": Bilingual(zh="对超期的申诉", en="Appeal against a timeout"),
    "list_entry": Bilingual(zh="对上榜的申诉", en="Appeal against a list entry"),
    "money": Bilingual(zh="对扣款或奖励的申诉", en="Appeal against a deduction or reward"),
}


class FoundClause(NamedTuple):
    """A part of a policy. ``part`` is it as the file states it (``None``: the entry that says
    that no clause spoke); ``path`` is how ``assumed`` would name it, and ``assumed`` what no
    document says of it: "" stands for all of it, else a word in it."""

    id: str
    title: Bilingual
    basis: str
    path: str
    assumed: tuple[str, ...]
    part: Any


def clause_in(policy: PolicyFile, clause: str) -> FoundClause | None:
    """The part of a policy with this id. A ladder may be written ``ladders.main``, a step of it
    ``main.red``; ``unit_colour.<word>`` is what gives units their colour."""
    for name in LISTS:
        for part in getattr(policy, name, None) or ():
            if _name(part) == clause:
                return _found(policy, clause, f"{name}.{clause}", part)
    if isinstance(policy, SupervisionPolicy):
        if clause.startswith(f"{COLOURING}."):
            return _found(policy, clause, COLOURING, policy.unit_colour)
        return _on_ladder(policy, clause)
    if isinstance(policy, Board) and clause == STANDARD and policy.standard is not None:
        return _found(policy, clause, clause, policy.standard)
    return _found(policy, clause, "touched_by", None) if clause == TOUCHED else None


def assumed_words(policy: PolicyFile) -> tuple[str, ...]:
    """What no document says of the policy as a whole: paths that lead to none of its parts."""
    return tuple(path for path in policy.assumed if path.partition(".")[0] not in LISTS)


def started(policy: PolicyFile, ladder: str, sentence: str) -> FoundClause | None:
    """The ladder that a slip is on, with the article of the start that says this sentence."""
    found = clause_in(policy, ladder)
    for start in getattr(found.part, "starts", ()) if found is not None else ():
        if sentence in (start.reason.zh, start.reason.en) and found is not None:
            return found._replace(basis=start.basis or "")
    return found


def _on_ladder(policy: SupervisionPolicy, clause: str) -> FoundClause | None:
    """``ladders.main`` and ``main.red``; the plain id of a ladder has been looked for before."""
    name, _, colour = clause.rpartition(".")
    for ladder in policy.ladders:
        if clause == f"ladders.{ladder.id}":
            return _found(policy, clause, clause, ladder)
        step = ladder.step(colour) if ladder.id == name else None
        if step is not None:
            return _found(policy, clause, f"ladders.{name}.steps.{colour}", step)
    return None


def _found(policy: PolicyFile, clause: str, path: str, part: Any) -> FoundClause:
    title = getattr(part, "title", None) or TITLES.get(clause) or TITLES.get(path)
    return FoundClause(
        id=clause,
        title=title or Bilingual(zh=clause, en=clause),
        basis=getattr(part, "basis", None) or "",
        path=path,
        assumed=tuple(_assumed(policy.assumed, path)),
        part=part,
    )


def _assumed(paths: Sequence[str], wanted: str) -> Iterator[str]:
    """What is assumed of a part: all of it, if it or what it stands in is; else words in it."""
    for path in paths:
        if path == wanted or wanted.startswith(f"{path}."):
            yield ""
        elif path.startswith(f"{wanted}."):
            yield path.removeprefix(f"{wanted}.")


def _name(part: Any) -> str:
    return next((str(getattr(part, word)) for word in NAMES if hasattr(part, word)), "")
