"""The file for Docker is not run here; at least its names, settings and commands are real."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cli import COMMANDS, parser
from infra.kafka_local.jars import version
from infra.settings import from_environment

INFRA = Path(__file__).parents[2] / "infra"
FOUND: dict[str, Any] = yaml.safe_load((INFRA / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = FOUND["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] == "duban:local"}
SERVICE_KEYS = {
    "image", "build", "command", "restart", "environment", "depends_on", "healthcheck", "ports",
    "volumes", "ulimits",
}  # fmt: skip
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period", "disable"}
CONDITIONS = {"service_healthy", "service_completed_successfully"}


def substituted(value: str) -> str:
    return re.sub(r"\$\{DUBAN_PASSWORD(:\?[^}]*)?\}", "secret", value)


def test_it_has_the_parts_of_the_server_mode() -> None:
    assert set(SERVICES) == {
        "migrate", "api", "relay", "sink", "worker", "kafka", "postgres", "clickhouse"
    }  # fmt: skip
    assert set(FOUND) == {"name", "x-duban", "services", "volumes"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_written_in_words_that_compose_knows(name: str) -> None:
    service = SERVICES[name]
    assert set(service) <= SERVICE_KEYS
    assert set(service["healthcheck"]) <= HEALTH_KEYS
    assert all(isinstance(value, str) for value in service["environment"].values())
    for needed, how in service.get("depends_on", {}).items():
        assert how["condition"] in CONDITIONS
        completed = how["condition"] == "service_completed_successfully"
        assert completed == (SERVICES[needed]["restart"] == "no")
        assert completed or SERVICES[needed]["healthcheck"].get("test")
    for volume in service.get("volumes", []):
        assert volume.partition(":")[0] in FOUND["volumes"]


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - OURS.keys()))
def test_what_others_made_is_pinned_to_a_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+(\.\d+)?", SERVICES[name]["image"])


def test_kafka_is_the_one_that_the_tests_run() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version()}"


@pytest.mark.parametrize("name", OURS)
def test_our_processes_get_settings_that_the_program_knows(name: str) -> None:
    environment = {key: substituted(value) for key, value in OURS[name]["environment"].items()}
    known = set(re.findall(r"DUBAN_[A-Z_]+", (INFRA / "settings.py").read_text(encoding="utf-8")))
    assert environment.keys() <= known
    settings = from_environment(environment)
    assert (settings.mode, settings.kafka) == ("server", "kafka:9092")
    for address, service in ((settings.postgres, "postgres"), (settings.clickhouse, "clickhouse")):
        assert "duban:secret@" + service in address
        assert service in SERVICES


@pytest.mark.parametrize("name", OURS)
def test_our_processes_are_started_by_commands_that_the_program_knows(name: str) -> None:
    command = OURS[name]["command"]
    assert command[0] in {each.name for each in COMMANDS}
    parser(command[0]).parse_args(command)


def test_the_image_is_made_of_files_that_are_there() -> None:
    lines = (INFRA / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]}
    assert copied == {"requirements.txt", "."}
    kept = (INFRA / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for line in kept:
        if line.startswith("!"):
            assert (INFRA.parent / line[1:]).exists()
    assert {"!pyproject.toml", "!README.md", "!LICENSE"} <= set(kept)
