"""What an operator may set: read once from the environment, then overridden by the command line."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from domain.errors import Invalid

Mode = Literal["embedded", "server"]
MOST_PARTITIONS = 1024
LONGEST_INTERVAL = 86_400
# What a server mode cannot do without: the variable, and what to write there.
SERVERS = {
    "DUBAN_POSTGRES": "postgresql://USER:PASSWORD@HOST/DATABASE",
    "DUBAN_KAFKA": "HOST:PORT, several of them separated by commas",
    "DUBAN_CLICKHOUSE": "http://USER:PASSWORD@HOST:8123/DATABASE",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """``data_dir`` holds the whole city in embedded mode: the event store, the read tables,
    nothing else. Server mode keeps it in PostgreSQL, Kafka and ClickHouse, at the addresses in
    ``postgres``, ``kafka`` (bootstrap servers) and ``clickhouse``, which may hold passwords.
    ``topic_prefix`` keeps several cities apart on one Kafka; ``partitions`` is how many the events
    topic gets when it is made. What the log holds is signed with the key in the file
    ``signing_key``, every ``checkpoint_seconds`` in which something was recorded. The keys of
    persons are wrapped with the one in the file ``vault_key``, better kept elsewhere. ``evidence``
    is where its files lie: a directory ("": one in ``data_dir``) or a bucket behind the S3 API.
    ``retention`` says how many days after they were last needed persons of a category are
    forgotten."""

    mode: Mode = "embedded"
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    postgres: str = field(default="", repr=False)
    kafka: str = ""
    clickhouse: str = field(default="", repr=False)
    topic_prefix: str = ""
    partitions: int = 4
    signing_key: Path | None = None
    checkpoint_seconds: int = 600
    vault_key: Path | None = None
    retention: Mapping[str, int] = field(default_factory=dict)
    evidence: str = field(default="", repr=False)

    @property
    def events_file(self) -> Path:
        return self.data_dir / "events.sqlite"

    @property
    def key_file(self) -> Path:
        return self.signing_key or self.data_dir / "signing.key"

    @property
    def vault_file(self) -> Path:
        return self.data_dir / "vault.sqlite"

    @property
    def vault_key_file(self) -> Path:
        return self.vault_key or self.data_dir / "vault.key"

    @property
    def evidence_dir(self) -> Path:
        return self.data_dir / "evidence"

    @property
    def tables_dir(self) -> Path:
        return self.data_dir / "tables"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """DUBAN_MODE, DUBAN_DATA, DUBAN_HOST, DUBAN_PORT, the addresses of ``SERVERS``,
    DUBAN_TOPIC_PREFIX, DUBAN_PARTITIONS, DUBAN_SIGNING_KEY, DUBAN_CHECKPOINT_SECONDS,
    DUBAN_VAULT_KEY, DUBAN_EVIDENCE and DUBAN_RETENTION (``reporter=730,witness=1095``). Raises
    ``Invalid`` (``settings.invalid``)."""
    mode = environment.get("DUBAN_MODE", "embedded")
    if mode not in get_args(Mode):
        raise Invalid("settings.invalid", f"DUBAN_MODE is {mode!r}: say embedded or server")
    missing = [f"{name} ({what})" for name, what in SERVERS.items() if not environment.get(name)]
    if mode == "server" and missing:
        raise Invalid("settings.invalid", f"DUBAN_MODE=server also needs {'; '.join(missing)}")
    prefix = environment.get("DUBAN_TOPIC_PREFIX", "")
    if not re.fullmatch(r"[\w.-]{0,100}", prefix, re.ASCII):
        raise Invalid(
            "settings.invalid",
            f"DUBAN_TOPIC_PREFIX is {prefix!r}: use letters, digits, dots, dashes, at most 100",
        )
    key = environment.get("DUBAN_SIGNING_KEY")
    vault_key = environment.get("DUBAN_VAULT_KEY")
    return Settings(
        mode=cast(Mode, mode),
        data_dir=Path(environment.get("DUBAN_DATA", "data")),
        host=environment.get("DUBAN_HOST", "127.0.0.1"),
        port=_number(environment, "DUBAN_PORT", 8000, 0, 65535),
        postgres=environment.get("DUBAN_POSTGRES", ""),
        kafka=environment.get("DUBAN_KAFKA", ""),
        clickhouse=environment.get("DUBAN_CLICKHOUSE", ""),
        topic_prefix=prefix,
        partitions=_number(environment, "DUBAN_PARTITIONS", 4, 1, MOST_PARTITIONS),
        signing_key=Path(key) if key else None,
        checkpoint_seconds=_number(
            environment, "DUBAN_CHECKPOINT_SECONDS", 600, 1, LONGEST_INTERVAL
        ),
        vault_key=Path(vault_key) if vault_key else None,
        retention=_schedule(environment.get("DUBAN_RETENTION", "")),
        evidence=environment.get("DUBAN_EVIDENCE", ""),
    )


def _number(
    environment: Mapping[str, str], variable: str, usual: int, least: int, most: int
) -> int:
    """Raises ``Invalid`` (``settings.invalid``)."""
    said = environment.get(variable, str(usual))
    if not (said.isascii() and said.isdigit() and least <= int(said) <= most):
        raise Invalid("settings.invalid", f"{variable} is {said!r}: say {least} to {most}")
    return int(said)


def _schedule(said: str) -> Mapping[str, int]:
    """Raises ``Invalid`` (``settings.invalid``)."""
    parts = [part.strip() for part in said.split(",") if part.strip()]
    found = [re.fullmatch(r"([a-z][a-z0-9_]{0,39})=([1-9][0-9]{0,4})", part) for part in parts]
    schedule = {part[1]: int(part[2]) for part in found if part}
    if len(schedule) != len(parts):
        raise Invalid(
            "settings.invalid",
            f"DUBAN_RETENTION is {said!r}: say days for categories once each, such as "
            "reporter=730,witness=1095",
        )
    return schedule
