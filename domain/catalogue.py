"""Every decider of the domain: what the desk can answer."""

from typing import Any

from domain.cases.decide import CASES
from domain.decider import Decider
from domain.inspections.decide import INSPECTIONS
from domain.penalties.decide import PENALTIES
from domain.policies.decide import POLICIES
from domain.rankings.decide import RANKINGS
from domain.units.decide import UNITS

DECIDERS: tuple[Decider[Any, Any], ...] = (
    UNITS,
    INSPECTIONS,
    CASES,
    PENALTIES,
    POLICIES,
    RANKINGS,
)
