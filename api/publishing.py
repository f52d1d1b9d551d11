"""Before a ranking is frozen: it must be what the score entries add up to at its position."""

from api.dependencies import PATIENCE
from api.services import Services
from domain.errors import Conflict
from domain.messages import Command
from domain.periods import Period
from domain.rankings.commands import PublishRanking
from projections.standings import ranking


def check_computed(services: Services, command: Command) -> None:
    """Raises ``Conflict`` (``ranking.differs``, ``ranking.not_read_yet``) or ``NotFound``
    (``policy.unknown``): nobody may freeze figures that no entries stand behind."""
    assert isinstance(command, PublishRanking)
    if not services.live.wait_for(command.computed_at, PATIENCE):
        raise Conflict(
            "ranking.not_read_yet",
            f"the boards have not come to position {command.computed_at} yet: try again",
        )
    policy = services.desk.standing.policies.get(command.policies[0])
    found = ranking(
        services.reader,
        policy,
        Period.parse(command.period),
        peer_group=command.peer_group,
        up_to=command.computed_at,
    )
    computed = [(row.unit, row.place, row.points, row.entries) for row in found.rows]
    asked = [(row.unit, row.place, row.points, row.entries) for row in command.rows]
    if computed != asked or len(command.policies) > 1:
        raise Conflict(
            "ranking.differs",
            f"the entries up to position {command.computed_at} under {policy.ref} do not give "
            f"these rows for {command.period}: compose the ranking again and publish what it shows",
        )
