"""A Kafka for development: started, asked and stopped by command, and the same again afterwards."""

from pathlib import Path

import pytest

from domain.errors import Refused
from infra.kafka.checking import answers, broker
from infra.kafka.creating import ensure_topics
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from infra.kafka_local.properties import Node, server_properties
from infra.settings import Settings
from tests.support.program import duban

pytestmark = pytest.mark.services


def test_a_broker_is_started_asked_and_stopped_by_command(tmp_path: Path) -> None:
    directory = tmp_path / "kafka"
    none = duban("kafka", "status", "--dir", directory)
    assert none.returncode == 1
    assert "make one with duban kafka start" in none.stderr
    kafka = LocalKafka(directory)
    try:
        started = duban("kafka", "start", "--dir", directory)
        assert started.returncode == 0, started.stderr
        bootstrap = started.stdout.strip().removeprefix("export DUBAN_KAFKA=")
        assert bootstrap == kafka.bootstrap
        ensure_topics(bootstrap, Topics(), 1)
        again = duban("kafka", "start", "--dir", directory)
        assert again.stdout == started.stdout
        running = duban("kafka", "status", "--dir", directory)
        assert running.stdout == f"broker 1 at {bootstrap} runs as process {kafka.pid(1)}\n"
        assert running.returncode == 0
        more = duban("kafka", "start", "--dir", directory, "--brokers", 3)
        assert more.returncode == 1
        assert "holds a cluster of 1" in more.stderr
        assert duban("kafka", "stop", "--dir", directory).returncode == 0
        assert kafka.pid(1) is None
        assert not answers(bootstrap)
        assert duban("kafka", "status", "--dir", directory).returncode == 1
        kafka.start()
        assert ensure_topics(bootstrap, Topics(), 1) == []
    finally:
        kafka.delete()
    assert not directory.exists()


def test_the_doctor_says_how_kafka_is(kafka: LocalKafka, topics: Topics) -> None:
    settings = Settings(kafka=kafka.bootstrap, topic_prefix=topics.prefix)
    said = broker(settings)
    assert said.startswith(f"1 brokers at {kafka.bootstrap}, without {topics.events}, ")
    ensure_topics(kafka.bootstrap, topics, 1)
    assert broker(settings) == f"1 brokers at {kafka.bootstrap}, topics there"
    assert broker(Settings()).startswith("not used: DUBAN_KAFKA names none (duban kafka start")
    with pytest.raises(Refused, match=r"no broker answers at 127\.0\.0\.1:1: start it"):
        broker(Settings(kafka="127.0.0.1:1"))


def test_a_process_that_has_inherited_the_number_of_a_broker_is_left_alone(tmp_path: Path) -> None:
    kafka = LocalKafka(tmp_path)
    home = tmp_path / "node-1"
    home.mkdir()
    (home / "pid").write_text("1", encoding="ascii")
    assert kafka.pid(1) is None
    kafka.kill(1)


def test_three_brokers_keep_three_copies_and_do_with_two() -> None:
    nodes = [Node(number, 1000 + number, 2000 + number) for number in (1, 2, 3)]
    told = server_properties(nodes[1], nodes, Path("/kafka"))
    assert "node.id=2\n" in told
    assert "transaction.state.log.replication.factor=3\n" in told
    assert "transaction.state.log.min.isr=2\n" in told
    assert "controller.quorum.voters=1@127.0.0.1:2001,2@127.0.0.1:2002,3@127.0.0.1:2003\n" in told
    assert "listeners=PLAINTEXT://127.0.0.1:1002,CONTROLLER://127.0.0.1:2002\n" in told
