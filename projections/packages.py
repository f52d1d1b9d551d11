"""What is asked for when something is to be packed, and what came of it; the queries lie beside."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from domain.moments import NOW, Then

Kind = Literal["case", "unit", "person", "ranking", "referral"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be packed, and in which language its document is. ``persons``: with what the
    vault knows of those whom the events name."""

    kind: Kind
    key: str
    then: Then = NOW
    language: Literal["zh", "en"] = "zh"
    evidence: bool = True
    persons: bool = False


class Packed(NamedTuple):
    """``checkpoint`` is of how many events; ``absent`` how many files of evidence are not in it."""

    events: int
    files: int
    size: int
    checkpoint: int
    absent: int
