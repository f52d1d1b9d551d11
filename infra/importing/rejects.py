"""The file of rejected rows beside each imported file: corrected, it can be imported itself."""

import csv
import os
from collections.abc import Mapping as Map
from collections.abc import Sequence
from pathlib import Path

from domain.errors import Refused
from infra.importing.cells import Cell, shown
from infra.importing.files import codec, table
from infra.importing.jobs import Rejection
from infra.importing.model import Mapping
from infra.importing.tables import REJECTED, BadRow

SUFFIX = ".rejected.csv"


class RejectedFiles:
    """``folder`` is where the files go; ``None``: beside the file that the rows come from."""

    def __init__(self, mapping: Mapping, paths: Sequence[Path], folder: Path | None) -> None:
        self._mapping = mapping
        self._paths = paths
        self._targets = [(folder or path.parent) / (path.name + SUFFIX) for path in paths]

    def check(self) -> None:
        """Raises ``Refused`` (``import.rejected_file``) now rather than after the import."""
        for target in self._targets:
            if not os.access(target.parent, os.W_OK | os.X_OK):
                raise _not_writable(target, "its directory is not there or not writable")

    def write(self, rejections: Map[tuple[int, int], Rejection]) -> list[Path]:
        """``rejections`` by file and row number. A file without any is not written."""
        written: list[Path] = []
        for file, (path, target) in enumerate(zip(self._paths, self._targets, strict=True)):
            mine = {r.number: r for r in rejections.values() if r.file == file}
            if mine:
                try:
                    self._write(path, target, mine)
                except OSError as error:
                    raise _not_writable(target, error.strerror) from error
                written.append(target)
        return written

    def _write(self, path: Path, target: Path, rejections: Map[int, Rejection]) -> None:
        """The rows are read a second time, so that nothing of them need be kept meanwhile."""
        source = table(path, self._mapping)
        names = [name for name in source.heading() if name not in REJECTED]
        behind = len(source.heading()) - len(names)
        with _part(target).open(
            "w", encoding=codec(self._mapping), errors="backslashreplace", newline=""
        ) as stream:
            writer = csv.writer(stream, delimiter=self._mapping.delimiter)
            writer.writerow([*REJECTED, *names])
            for row in source.rows(names):
                rejection = rejections.get(row.number)
                if rejection is None:
                    continue
                cells: Sequence[Cell] = row.cells
                if isinstance(row, BadRow):
                    cells = cells[behind:] or [""] * len(names)
                reason = rejection.number, rejection.code, rejection.reason
                writer.writerow([*reason, *map(shown, cells)])
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(_part(target), target)


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _not_writable(target: Path, why: str | None) -> Refused:
    return Refused(
        "import.rejected_file",
        f"rejected rows cannot be written to {target} ({why}): make room or make the "
        "directory writable",
    )
