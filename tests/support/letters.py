"""A box of dead letters that lives in memory, and fails on demand."""

from collections.abc import Callable, Sequence

from streams.dead_letters import OPEN, Letter, Source, Standing


class MemoryLetters:
    """``streams.dead_letters.LetterBox``. ``trouble`` is called before anything is kept; what it
    raises stands for tables that cannot be written."""

    def __init__(self) -> None:
        self.trouble: Callable[[], None] = lambda: None
        self._letters: dict[tuple[Source, int], Letter] = {}

    def put(self, letters: Sequence[Letter]) -> None:
        self.trouble()
        for letter in letters:
            kept = self._letters.get((letter.source, letter.offset))
            if kept is None or kept.revision <= letter.revision:
                self._letters[letter.source, letter.offset] = letter

    def all(self) -> list[Letter]:
        return [letter for _, letter in sorted(self._letters.items())]

    def standing(self, source: Source) -> Sequence[Standing]:
        return [
            Standing(each.offset, each.stream_id, each.version, each.state)
            for each in self.all()
            if each.source == source and (each.state in OPEN or each.state == "discarded")
        ]

    def wanted(self, source: Source, limit: int) -> Sequence[Letter]:
        return [each for each in self._open(source) if each.wanted][:limit]

    def of_stream(self, source: Source, stream_id: str) -> Sequence[Letter]:
        return [each for each in self._open(source) if each.stream_id == stream_id]

    def _open(self, source: Source) -> list[Letter]:
        return [each for each in self.all() if each.source == source and each.state in OPEN]
