"""The topics of a city and what they are called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topics:
    """``prefix`` keeps several cities apart on one cluster."""

    prefix: str = ""

    @property
    def events(self) -> str:
        """Every event, for ever, in order per stream."""
        return f"{self.prefix}duban.events.v1"

    @property
    def relay(self) -> str:
        """How far the relay has got: one partition, only the newest record counts."""
        return f"{self.prefix}duban.relay.v1"

    @property
    def applied(self) -> str:
        """What has become visible in the read tables, told to everybody for a day."""
        return f"{self.prefix}duban.applied.v1"

    def group(self, name: str) -> str:
        """The consumer group of a kind of process: ``group("sink")``."""
        return f"{self.prefix}duban.{name}"

    def all(self) -> tuple[str, ...]:
        return self.events, self.relay, self.applied
