"""What policies name of each other: boards and their periods, rates, lists and colours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from domain.policies.composite import CompositePolicy
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.policies.findings import CIRCLE, nearest
from domain.policies.header import PolicyFile
from domain.policies.kinds import kind_name
from domain.policies.measures import IndicatorPolicy
from domain.policies.model import Board
from domain.policies.supervision import SupervisionPolicy

Told = tuple[str, str]  # a stable code, and a sentence


class Named(NamedTuple):
    """A board that a policy names, and the kinds of periods it wants of it."""

    board: str
    periods: tuple[str, ...]


def boards_named(policy: PolicyFile) -> list[Named]:
    match policy:
        case MoneyPolicy() | ListingPolicy():
            return [Named(policy.board, (policy.period,))]
        case SupervisionPolicy(unit_colour=colour) if colour.board is not None:
            return [Named(colour.board, (colour.period,) if colour.period else ())]
        case CompositePolicy():
            return [
                Named(part.board, (part.each,) if part.each else policy.periods)
                for part in policy.components
                if part.board is not None
            ]
    return []


def unknown(policy: PolicyFile, others: Sequence[PolicyFile]) -> Iterator[Told]:
    """What it names and nothing in force beside it has. Lists and colours may also come by hand,
    so they are looked for only where some policy says which there are."""
    boards = [each.id for each in (*others, policy) if isinstance(each, Board)]
    for named in boards_named(policy):
        if named.board not in boards:
            yield "policy.board_unknown", _no_board(policy, named.board, boards, others)
    match policy:
        case CompositePolicy():
            yield from _no_rates(policy, others)
        case AccountabilityPolicy():
            yield from _not_counted(policy, others)


def _no_board(
    policy: PolicyFile, board: str, boards: Sequence[str], others: Sequence[PolicyFile]
) -> str:
    other = next((each for each in others if each.id == board), None)
    if other is not None:
        return (
            f"policy '{policy.id}' names the board '{board}', which is no board but of the kind "
            f"{kind_name(other)}: name a scoring or composite policy"
        )
    close = f" ({nearest(board, boards)})" if boards else ""
    return (
        f"policy '{policy.id}' names the board '{board}', and no scoring or composite policy of "
        f"that name is in force when it begins{close}: adopt that one before it or together "
        "with it"
    )


def _no_rates(policy: CompositePolicy, others: Sequence[PolicyFile]) -> Iterator[Told]:
    rates = [rate.id for each in others if isinstance(each, IndicatorPolicy) for rate in each.rates]
    for part in policy.components:
        if part.indicator is not None and part.indicator not in rates:
            close = f" ({nearest(part.indicator, rates)})" if rates else ""
            yield (
                "policy.indicator_unknown",
                f"component '{part.id}' of policy '{policy.id}' takes the rate "
                f"'{part.indicator}', and no indicators policy in force has it{close}: adopt one "
                "that has before it or together with it",
            )


def _not_counted(policy: AccountabilityPolicy, others: Sequence[PolicyFile]) -> Iterator[Told]:
    lists = [rule.id for each in others if isinstance(each, ListingPolicy) for rule in each.lists]
    colours = [
        step.colour
        for each in others
        if isinstance(each, SupervisionPolicy)
        for ladder in each.ladders
        for step in ladder.steps
    ]
    for rule in policy.rules:
        for what, word, known in (
            ("list", rule.count.list, lists),
            ("slip", rule.count.slip, colours),
        ):
            if word is not None and known and word not in known:
                yield (
                    f"policy.{what}_unknown",
                    f"rule '{rule.id}' of policy '{policy.id}' counts the {what} '{word}', which "
                    f"no policy in force has: {nearest(word, list(dict.fromkeys(known)))}",
                )


def unranked(policy: PolicyFile, others: Sequence[PolicyFile]) -> Iterator[Told]:
    """Kinds of periods that are wanted of a board which never ranks them, by it or of it."""
    composites = {each.id: each for each in (*others, policy) if isinstance(each, CompositePolicy)}
    for each in (*others, policy):
        for board, periods in boards_named(each):
            if board not in composites or policy.id not in (each.id, board):
                continue
            ranked = composites[board].periods
            for period in periods:
                if period not in ranked:
                    yield (
                        "policy.period_unranked",
                        f"policy '{each.id}' waits for the ranking of '{board}' by {period}, and "
                        f"that board ranks {', '.join(ranked)} only: choose one of these, or let "
                        f"'{board}' rank {period} too",
                    )


def circle(policy: PolicyFile, others: Sequence[PolicyFile]) -> Iterator[Told]:
    """A composite that would be made of itself, by way of others."""
    made_of: Mapping[str, list[str]] = {
        each.id: [named.board for named in boards_named(each)]
        for each in (*others, policy)
        if isinstance(each, CompositePolicy)
    }
    way = _way_back(policy.id, policy.id, made_of, ())
    if way:
        yield (
            CIRCLE,
            f"the board '{policy.id}' would be made of itself ({' ← '.join(way)}): take it out of "
            "one of them",
        )


def _way_back(
    here: str, goal: str, made_of: Mapping[str, list[str]], before: tuple[str, ...]
) -> tuple[str, ...]:
    for board in made_of.get(here, ()):
        if board == goal:
            return (*before, here, goal)
        if board not in before and (found := _way_back(board, goal, made_of, (*before, here))):
            return found
    return ()


# What others are made of or follow from comes before them.
TURNS = (
    "scoring", "indicators", "composite", "supervision", "money", "listing", "accountability",
    "appeals",
)  # fmt: skip


def in_order(policies: Sequence[PolicyFile]) -> list[PolicyFile]:
    """The order to adopt a city's policies in: boards before what names them, versions rising."""
    named = {each.id: [board.board for board in boards_named(each)] for each in policies}

    def depth(policy_id: str, before: tuple[str, ...] = ()) -> int:
        deeper = [
            depth(b, (*before, policy_id)) for b in named.get(policy_id, ()) if b not in before
        ]
        return max(deeper, default=0) + 1

    def turn(policy: PolicyFile) -> tuple[int, int, str, int]:
        return TURNS.index(kind_name(policy)), depth(policy.id), policy.id, policy.version

    return sorted(policies, key=turn)
