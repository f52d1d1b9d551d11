"""Several lines, one mark: what is visible is a prefix of the log, however unevenly they run."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from streams.watermark import Advance, Watermark


def marked(applied: dict[int, int], known: int = 0) -> Watermark:
    """Streams named "0-…" go by line 0, and so on."""
    return Watermark(lambda stream: int(stream[0]), applied, known)


def test_the_slowest_line_holds_the_mark() -> None:
    mark = marked({})
    mark.extend([(1, "0-a"), (2, "1-b"), (3, "0-a"), (4, "1-c")])
    mark.hear(0, 3)
    assert mark.advance() == Advance(1, 1, frozenset({"0-a"}))
    assert mark.advance() is None
    mark.hear(1, 4)
    assert mark.advance() == Advance(2, 4, frozenset({"1-b", "0-a", "1-c"}))
    assert (mark.position, mark.read, mark.waiting) == (4, 4, 0)


def test_a_line_may_be_ahead_of_what_is_known_of_the_log() -> None:
    mark = marked({0: 9}, known=5)
    mark.extend([(6, "0-a")])
    assert mark.advance() == Advance(6, 6, frozenset({"0-a"}))
    mark.hear(0, 7)  # an old word, told again
    mark.extend([(7, "0-a"), (8, "0-b"), (9, "0-c"), (10, "0-d")])
    assert mark.advance() == Advance(7, 9, frozenset({"0-a", "0-b", "0-c"}))


@given(
    lines=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    turns=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5), st.booleans()), max_size=80),
)
def test_the_mark_is_the_longest_prefix_that_every_line_has_taken_in(
    lines: list[int], turns: list[tuple[int, int, bool]]
) -> None:
    log = [(position, f"{line}-s") for position, line in enumerate(lines, 1)]
    ordered = sorted(log, key=lambda event: event[1][0])
    of_line = {int(line): [p for p, _ in own] for line, own in groupby(ordered, lambda e: e[1][0])}
    mark, reached = marked({}), dict.fromkeys(range(4), 0)
    for line, size, read in turns:
        if read:
            mark.extend(log[mark.read : mark.read + size])
        reached[line] = min(reached[line] + size, len(of_line.get(line, ())))
        taken = of_line.get(line, [])[: reached[line]]
        mark.hear(line, taken[-1] if taken else 0)
        before, moved = mark.position, mark.advance()
        visible = {p for number, own in of_line.items() for p in own[: reached[number]]}
        expected = next((p - 1 for p in range(1, mark.read + 1) if p not in visible), mark.read)
        assert mark.position == expected
        assert (moved is None) == (expected == before)
        assert moved is None or (moved.first, moved.last) == (before + 1, expected)
