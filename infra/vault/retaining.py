"""The retention schedule: whoever's time is over is forgotten by rule, each once."""

from collections.abc import Mapping

from api.services import Services
from domain.two_people import SYSTEM
from projections.persons import Due, due

ACTOR = f"{SYSTEM}retention"
PAGE = 1_000


def overdue(services: Services, schedule: Mapping[str, int]) -> list[tuple[str, Due]]:
    """Whom the schedule says to forget now, each with its rule, such as ``reporter=730``."""
    found: list[tuple[str, Due]] = []
    now = services.clock.now()
    for category, days in sorted(schedule.items()):
        after = ""
        while page := due(services.reader, category, days, now, after, PAGE):
            found += [(f"{category}={days}", each) for each in page]
            after = page[-1].person_id
    return found


def retain(services: Services, schedule: Mapping[str, int]) -> int:
    """How many were forgotten. Doing it again, or twice at once, forgets nobody twice."""
    found = overdue(services, schedule)
    for rule, each in found:
        category, _, days = rule.partition("=")
        basis = f"retention schedule: {category}, {days} days since {each.since:%Y-%m-%d}"
        key = f"retention:{rule}:{each.person_id}"
        services.persons.forget(ACTOR, key, each.person_id, basis, rule)
    return len(found)
