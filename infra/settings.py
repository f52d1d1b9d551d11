"""What an operator may set: read once from the environment, then overridden by the command line."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from domain.errors import Invalid

Mode = Literal["embedded"]


@dataclass(frozen=True, slots=True)
class Settings:
    """``data_dir`` holds the whole city: the event store, the read tables, nothing else."""

    mode: Mode = "embedded"
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def events_file(self) -> Path:
        return self.data_dir / "events.sqlite"

    @property
    def tables_dir(self) -> Path:
        return self.data_dir / "tables"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """DUBAN_MODE, DUBAN_DATA, DUBAN_HOST, DUBAN_PORT. Raises ``Invalid`` (``settings.invalid``)."""
    mode = environment.get("DUBAN_MODE", "embedded")
    if mode not in get_args(Mode):
        raise Invalid("settings.invalid", f"DUBAN_MODE is {mode!r}, and only embedded is known")
    port = environment.get("DUBAN_PORT", "8000")
    if not port.isdigit() or not 0 <= int(port) < 65536:
        raise Invalid("settings.invalid", f"DUBAN_PORT is {port!r}, and a port is 0 to 65535")
    return Settings(
        mode="embedded",
        data_dir=Path(environment.get("DUBAN_DATA", "data")),
        host=environment.get("DUBAN_HOST", "127.0.0.1"),
        port=int(port),
    )
