"""Lines of one process that write together: one insert into a table for all of them."""

from collections.abc import Callable, Sequence

from streams.intake import Folded
from streams.ports import TablesUnavailable
from streams.progress import Applied, ProgressBook
from streams.sink import Line
from streams.writing import Batch, Writing


class Round:
    """The same lines with the same batches until they are in the tables, so that the tables
    recognise what they have already. A line whose batch cannot be folded is left out of it."""

    def __init__(
        self, lines: Sequence[Line], writing: Writing, book: ProgressBook,
        require: Callable[[], None],
    ) -> None:  # fmt: skip
        """``require`` raises ``TablesUnavailable`` unless the partitions are surely ours."""
        self.lines = list(lines)
        self._writing, self._book, self._require = writing, book, require

    def ready(self, now: float) -> bool:
        """None of the lines rests, and this is not the pause after a failure."""
        return all(line.ready(now) and not line.resting for line in self.lines)

    def attempt(self, now: float) -> list[Applied] | None:
        """None: it could not be written, and is to be tried again."""
        folded = [(line, each) for line in self.lines if (each := line.fold(now)) is not None]
        self.lines = [line for line, _ in folded]
        try:
            self._write(folded)
        except ValueError:  # a row that no table can hold: its line finds it when it is alone
            for line in self.lines:
                line.intake.forget()
            return [done for line in self.lines if (done := line.alone(now)) is not None]
        except TablesUnavailable as error:
            for line in self.lines:
                line.put_off(now, str(error))
            return None
        return [line.done(each) for line, each in folded]

    def _write(self, folded: Sequence[tuple[Line, Folded]]) -> None:
        batches = [(line.span, each.batch) for line, each in folded if each.batch is not None]
        if batches:
            spans, parts = zip(*batches, strict=True)
            self._writing.write(Batch.joined(parts), "+".join(spans))
        for line, each in folded:
            line.intake.keep(each)
        if folded:
            self._require()
            self._book.note({line.source: line.reached for line, _ in folded})
