"""Every decider of the domain: what the desk can answer."""

from typing import Any

from domain.accountability.decide import ACCOUNTABILITY
from domain.appeals.decide import APPEALS
from domain.cases.decide import CASES
from domain.decider import Decider
from domain.inspections.decide import INSPECTIONS
from domain.listings.decide import LISTINGS
from domain.money.decide import MONEY
from domain.penalties.decide import PENALTIES
from domain.persons.decide import PERSONS
from domain.policies.decide import POLICIES
from domain.rankings.decide import RANKINGS
from domain.readings.decide import READINGS
from domain.supervision.decide import SLIPS
from domain.units.decide import UNITS

DECIDERS: tuple[Decider[Any, Any], ...] = (
    UNITS,
    INSPECTIONS,
    CASES,
    PENALTIES,
    POLICIES,
    RANKINGS,
    SLIPS,
    MONEY,
    LISTINGS,
    ACCOUNTABILITY,
    APPEALS,
    READINGS,
    PERSONS,
)
