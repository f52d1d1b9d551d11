"""Where the reactions of a city have come to and what was refused, as two small files."""

import json
import os
from pathlib import Path

from streams.reacting import Refusal

POSITION = "reactions.position"
REFUSED = "reactions.refused.jsonl"


class FileMarks:
    """``streams.reacting.Marks`` in the city's directory. If the files are lost, everything is
    reacted to again, to no effect: every reaction has an id made of its cause."""

    def __init__(self, folder: Path, store_id: str) -> None:
        self._position = folder / POSITION
        self._refused = folder / REFUSED
        self._store_id = store_id
        self._known: list[Refusal] | None = None

    def position(self) -> int:
        """0 for another store's file: a restored city begins anew."""
        try:
            store_id, _, number = self._position.read_text(encoding="utf-8").partition(" ")
        except FileNotFoundError:
            return 0
        return int(number) if store_id == self._store_id and number.strip().isdecimal() else 0

    def save(self, position: int) -> None:
        """Whole or not at all; that a crash may lose the last one costs nothing."""
        beside = self._position.with_suffix(".new")
        beside.write_text(f"{self._store_id} {position}", encoding="utf-8")
        os.replace(beside, self._position)

    def refuse(self, refusal: Refusal) -> None:
        with self._refused.open("a", encoding="utf-8") as file:
            file.write(json.dumps(refusal._asdict(), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._known = [*self.refused(), refusal] if self._known is not None else None

    def refused(self) -> list[Refusal]:
        if self._known is None:
            self._known = self._read()
        return list(self._known)

    def forget(self) -> None:
        self._refused.unlink(missing_ok=True)
        self._known = []

    def _read(self) -> list[Refusal]:
        if not self._refused.exists():
            return []
        lines = self._refused.read_text(encoding="utf-8").splitlines()
        return [Refusal(**json.loads(line)) for line in lines if line.endswith("}")]
