"""The composition root: the one place that reads the mode."""

from collections.abc import Callable, Mapping

from domain.ports import Clock
from infra.runtime import Runtime
from infra.settings import Mode, Settings

Opening = Callable[[Settings, Clock | None, bool], Runtime]


def _embedded() -> Opening:
    from infra.embedded import embedded

    return embedded


def _server() -> Opening:
    from infra.server import server

    return server


# Loaded when they are asked for: what one mode is made of is slow to load for the other.
_MODES: Mapping[Mode, Callable[[], Opening]] = {"embedded": _embedded, "server": _server}


def open_city(settings: Settings, clock: Clock | None = None, follow: bool = True) -> Runtime:
    """The city that the settings name. ``follow``: its read tables are kept up, or watched."""
    return _MODES[settings.mode]()(settings, clock, follow)
