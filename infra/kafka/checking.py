"""Whether Kafka is there, and what is missing to start one here."""

import socket

from domain.errors import Refused
from infra.kafka.topics import Topics
from infra.kafka_local.jars import jars_folder, java, present, version
from infra.settings import Settings

PROBE_SECONDS = 2.0


def answers(bootstrap: str) -> bool:
    """Somebody listens at one of the addresses; asked first, because a client that finds nobody
    takes long to say so and leaves threads behind."""
    return any(_listens(address) for address in bootstrap.split(","))


def broker(settings: Settings) -> str:
    """One line about the brokers and the topics, or about what one could start here. Raises
    ``Refused`` (``kafka.unavailable``, ``kafka.topics``)."""
    if not settings.kafka:
        return f"not used: DUBAN_KAFKA names none ({_startable()})"
    if not answers(settings.kafka):
        raise Refused(
            "kafka.unavailable",
            f"no broker answers at {settings.kafka}: start it, or correct DUBAN_KAFKA "
            f"({_startable()})",
        )
    # Only now: loading the client takes a while, and an embedded city never needs it.
    from infra.kafka.creating import described

    brokers, missing = described(settings.kafka, Topics(settings.topic_prefix))
    topics = f"without {', '.join(missing)}: duban relay makes them" if missing else "topics there"
    return f"{brokers} brokers at {settings.kafka}, {topics}"


def _listens(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=PROBE_SECONDS):
            return True
    except (OSError, ValueError, OverflowError):
        return False


def _startable() -> str:
    try:
        found = java()
    except Refused as refusal:
        return f"duban kafka start cannot start one: {refusal.message}"
    if not present():
        return f"duban kafka start fetches Kafka {version()} with mvn; java: {found}"
    return f"duban kafka start would start {version()} from {jars_folder()}; java: {found}"
