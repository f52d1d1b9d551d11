"""Every kind of policy file there is."""

from collections.abc import Mapping

from domain.policies.composite import CompositePolicy
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.policies.header import PolicyFile
from domain.policies.measures import AppealPolicy, IndicatorPolicy
from domain.policies.model import ScoringPolicy
from domain.policies.supervision import SupervisionPolicy

KINDS: Mapping[str, type[PolicyFile]] = {
    "scoring": ScoringPolicy,
    "composite": CompositePolicy,
    "supervision": SupervisionPolicy,
    "money": MoneyPolicy,
    "listing": ListingPolicy,
    "accountability": AccountabilityPolicy,
    "indicators": IndicatorPolicy,
    "appeals": AppealPolicy,
}


def kind_name(policy: PolicyFile) -> str:
    """``kind`` as the file writes it."""
    return next(kind for kind, model in KINDS.items() if isinstance(policy, model))
