"""How tables are laid down on the disks of one machine, and how on those of a cluster."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Nothing that was acknowledged is lost with the power; all three fsync settings are needed, and
# without the fourth the engine refuses to open what a crash left unfinished. They mean the same to
# the engine in this process and to a server.
DURABLE = (
    "fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, "
    "max_suspicious_broken_parts = 1000000, non_replicated_deduplication_window = 1000"
)
# Several machines keep every part: no single one has to be asked to wait for its disk. A token is
# remembered longer than any sink may be away.
REPLICATED = (
    "replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800"
)
_ENGINE = re.compile(r"\bENGINE = (\w*MergeTree)")


@dataclass(frozen=True, slots=True)
class Layout:
    """``durable`` are the settings of every table; ``inserting`` those of every insert."""

    durable: str = DURABLE
    replicated: bool = False
    inserting: Mapping[str, Any] = field(default_factory=dict)

    def table(self, ddl: str, name: str) -> str:
        """The statement that makes a table, from the text beside its projection."""
        made = ddl.replace("{table}", name).replace("{durable}", self.durable)
        return _ENGINE.sub(r"ENGINE = Replicated\1", made) if self.replicated else made


ONE_MACHINE = Layout()
# Its database is of the engine Replicated, which hands every statement to all machines and finds a
# path for every table; an insert is acknowledged once a majority of them has it.
CLUSTER = Layout(REPLICATED, replicated=True, inserting={"insert_quorum": "auto"})
