"""What an operator may set: read once from the environment, then overridden by the command line."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from domain.errors import Invalid

Mode = Literal["embedded", "server"]
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
    ``postgres``, ``kafka`` (bootstrap servers) and ``clickhouse``, which may hold passwords."""

    mode: Mode = "embedded"
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    postgres: str = field(default="", repr=False)
    kafka: str = ""
    clickhouse: str = field(default="", repr=False)

    @property
    def events_file(self) -> Path:
        return self.data_dir / "events.sqlite"

    @property
    def tables_dir(self) -> Path:
        return self.data_dir / "tables"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """DUBAN_MODE, DUBAN_DATA, DUBAN_HOST, DUBAN_PORT, and the addresses of ``SERVERS``. Raises
    ``Invalid`` (``settings.invalid``)."""
    mode = environment.get("DUBAN_MODE", "embedded")
    if mode not in get_args(Mode):
        raise Invalid("settings.invalid", f"DUBAN_MODE is {mode!r}: say embedded or server")
    missing = [f"{name} ({what})" for name, what in SERVERS.items() if not environment.get(name)]
    if mode == "server" and missing:
        raise Invalid("settings.invalid", f"DUBAN_MODE=server also needs {'; '.join(missing)}")
    port = environment.get("DUBAN_PORT", "8000")
    if not port.isdigit() or not 0 <= int(port) < 65536:
        raise Invalid("settings.invalid", f"DUBAN_PORT is {port!r}, and a port is 0 to 65535")
    return Settings(
        mode=cast(Mode, mode),
        data_dir=Path(environment.get("DUBAN_DATA", "data")),
        host=environment.get("DUBAN_HOST", "127.0.0.1"),
        port=int(port),
        postgres=environment.get("DUBAN_POSTGRES", ""),
        kafka=environment.get("DUBAN_KAFKA", ""),
        clickhouse=environment.get("DUBAN_CLICKHOUSE", ""),
    )
