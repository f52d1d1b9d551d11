"""What a broker for development is told: be small, stay on this machine, notice losses soon."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Node(NamedTuple):
    """One broker that is a controller too, and its two ports."""

    number: int
    port: int
    controller_port: int


def server_properties(node: Node, nodes: Sequence[Node], data: Path) -> str:
    """The text of a ``server.properties``."""
    found: dict[str, object] = _shared(nodes) | {
        "node.id": node.number,
        "listeners": f"PLAINTEXT://127.0.0.1:{node.port},"
        f"CONTROLLER://127.0.0.1:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{node.port}",
        "log.dirs": data,
    }
    return "".join(f"{name}={value}\n" for name, value in found.items())


def _shared(nodes: Sequence[Node]) -> dict[str, object]:
    replicas = min(3, len(nodes))
    in_sync = max(1, replicas - 1)
    voters = ",".join(f"{each.number}@127.0.0.1:{each.controller_port}" for each in nodes)
    return {
        "process.roles": "broker,controller",
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        # A topic that springs up by being named would have the wrong retention.
        "auto.create.topics.enable": "false",
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        # Seconds, not the usual tens of them: a lost broker or an open transaction is noticed soon.
        "broker.heartbeat.interval.ms": 500,
        "broker.session.timeout.ms": 3000,
        "controller.quorum.election.timeout.ms": 500,
        "controller.quorum.fetch.timeout.ms": 1500,
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,
        # Memory and threads of a laptop.
        "num.network.threads": 2,
        "num.io.threads": 2,
        "background.threads": 2,
        "num.replica.fetchers": 1,
        "num.recovery.threads.per.data.dir": 1,
        "log.cleaner.dedupe.buffer.size": 4 << 20,
        "log.segment.bytes": 128 << 20,
    }
