"""No consequence by one person alone, and none by the system: it proposes and keeps time."""

from domain.decider import Context
from domain.errors import Forbidden

SYSTEM = "system:"


def is_system(actor: str) -> bool:
    """Whether a reaction acts, not a person."""
    return actor.startswith(SYSTEM)


def check_person(kind: str, wish: str, context: Context) -> None:
    """Raises ``Forbidden`` (``<kind>.system_actor``) unless a person acts. ``wish`` completes
    "only a person can …"."""
    if is_system(context.actor):
        raise Forbidden(
            f"{kind}.system_actor",
            f"only a person can {wish}, and {context.actor} is none: somebody has to do it",
        )


def check_other_hand(kind: str, what: str, taken_by: dict[str, str], context: Context) -> None:
    """Raises ``Forbidden`` (``<kind>.same_person``) if who acts now has taken one of the steps
    before. ``taken_by`` says by step ("proposed", …) who took it; ``what`` is the thing."""
    steps = [step for step, actor in taken_by.items() if actor == context.actor]
    if steps:
        raise Forbidden(
            f"{kind}.same_person",
            f"{context.actor} {' and '.join(steps)} {what}: somebody else has to do this",
        )
