"""Whether Kafka is there, and what is missing to start one here."""

import socket

from infra.settings import Settings

PROBE_SECONDS = 2.0


def answers(bootstrap: str) -> bool:
    """Somebody listens at one of the addresses; asked first, because a client that finds nobody
    takes long to say so and leaves threads behind."""
    return any(_listens(address) for address in bootstrap.split(","))


def _listens(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=PROBE_SECONDS):
            return True
    except (OSError, ValueError):
        return False


def broker(settings: Settings) -> str:
    """For ``duban doctor``. Raises ``Refused`` (``kafka.unavailable``)."""
    return settings.kafka
