"""What happens to policies: a rule file is adopted whole, and from then on never changes."""

from datetime import datetime

from domain.messages import Event


class PolicyAdopted(Event, frozen=True):
    """``body`` is the policy file's text as adopted, ``digest`` its SHA-256: the log alone is
    enough to judge any event again by the rule it was judged by. ``backdated`` is the reason why
    it judges days that had passed when it was adopted."""

    NAME = "policy.adopted"
    policy_id: str
    revision: int
    effective_from: datetime
    digest: str
    body: str
    backdated: str = ""


EVENTS = (PolicyAdopted,)
