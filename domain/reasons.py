"""Why something was proposed: the clause, the sentence, and the events that stand behind it."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """``policy`` is the ref of the policy text (id@version#digest; "" when a person proposes),
    ``clause`` the rule in it, ``zh`` and ``en`` the sentence, ``events`` the positions in the log
    of what it rests on, oldest first."""

    zh: str
    en: str
    policy: str = ""
    clause: str = ""
    events: tuple[int, ...] = ()


def derived_id(*parts: str) -> str:
    """The id of what follows from these parts: the same for the same cause, so it is made once."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
