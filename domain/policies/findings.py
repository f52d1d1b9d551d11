"""What is wrong at a place of a policy file, in a sentence that says what to write instead."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from domain.policies.reading import Path
from domain.policies.words import FINE_WORDS

INVALID = "policy.invalid"
FINE_INCOME = "policy.fine_income"
CONTRADICTION = "policy.contradiction"
CIRCLE = "policy.circle"

# Names that cities make up themselves (of surveys, indicators): money out of fines, in any order.
FINE_MONEY = re.compile(
    r"罚没|滞纳金|(罚款|处罚).{0,6}(收入|金额|总额|数额|额)"
    r"|\b(fines?|fined|penalt(y|ies)|late fees?)\W(\w+\W)?"
    r"(amounts?|income|revenues?|money|sums?|proceeds)\b"
    r"|\b(amounts?|income|revenues?|money|sums?|proceeds)\W(\w+\W)?(of|from)\W(\w+\W)?"
    r"(fines?|penalt(y|ies)|late fees?)\b",
    re.IGNORECASE,
)
# In a question to an event these mean a fine; as the name of a survey they may be innocent.
AMBIGUOUS = frozenset({"amount", "income"})


class Finding(NamedTuple):
    """What is wrong at a path of the file; ``of_word``: with the word itself, not its value."""

    path: Path
    sentence: str
    of_word: bool = False
    code: str = INVALID


def nearest(word: str, allowed: Sequence[str]) -> str:
    """The end of a sentence about an unknown word: the likeliest right one, or all of them."""
    close = get_close_matches(word.casefold(), allowed, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"write one of: {', '.join(allowed)}"


def one_of(word: str, known: Iterable[str]) -> str:
    words = list(known)
    return nearest(word, words) if words else "it goes no deeper"


def is_fine_word(word: object) -> bool:
    """A question about statutory fine money."""
    return _plain(word) in FINE_WORDS


def names_fine_money(name: object) -> bool:
    """A name that somebody made up and that means statutory fine money."""
    plain = _plain(name)
    if plain in FINE_WORDS - AMBIGUOUS:
        return True
    return FINE_MONEY.search(plain.replace("_", " ")) is not None


def _plain(word: object) -> str:
    return str(word).strip().casefold().replace("-", "_").replace(" ", "_")


def fine_finding(path: Path, word: str, of_word: bool) -> Finding:
    return Finding(
        path,
        f"'{word}' reads statutory fine money, which may not feed any assessment "
        "(行政处罚法 art. 74): count the penalties instead",
        of_word,
        FINE_INCOME,
    )


def repeated(
    parts: Iterable[tuple[Path, Any]],
    key: Callable[[Any], object],
    sentence: Callable[[Any, Any], str],
    code: str = INVALID,
) -> Iterator[Finding]:
    """A finding at each part that has the same key as one before it."""
    seen: dict[object, Any] = {}
    for path, part in parts:
        known = key(part)
        if known in seen:
            yield Finding(path, sentence(seen[known], part), code=code)
        seen.setdefault(known, part)


def repeated_ids(what: str, word: str, parts: Iterable[tuple[int, Any]]) -> Iterator[Finding]:
    """``what`` in the plural, such as clauses; ``word`` is the list they stand in."""
    return repeated(
        (((word, index, "id"), part) for index, part in parts),
        lambda part: part.id,
        lambda first, again: f"two {what} have the id '{again.id}': rename one",
    )


def fine_words(tree: Any, path: Path = ()) -> Iterator[Finding]:
    """Wherever a file asks for statutory fine money: in questions, in numbers that are read, and
    in the names of surveys, rates and indicators."""
    if isinstance(tree, list):
        for index, part in enumerate(tree):
            yield from fine_words(part, (*path, index))
    if not isinstance(tree, dict):
        return
    for word, value in tree.items():
        place = (*path, word)
        if word == "when" and isinstance(value, dict):
            yield from _fine_questions(value, place)
        elif isinstance(value, str) and _asks_for_fines(word, value):
            yield fine_finding(place, value, of_word=False)
        elif word in ("components", "targets", "rates"):
            yield from _fine_names(value, place)
        yield from fine_words(value, place)


def _asks_for_fines(word: str, value: str) -> bool:
    if word in ("survey", "indicator"):
        return names_fine_money(value)
    return word == "read" and is_fine_word(value)


def _fine_questions(when: dict[str, Any], path: Path) -> Iterator[Finding]:
    for word, condition in when.items():
        if is_fine_word(word):
            yield fine_finding((*path, word), word, of_word=True)
        elif word == "indicator":
            for leaf in _leaves(condition):
                if names_fine_money(leaf):
                    yield fine_finding((*path, word), leaf, of_word=False)


def _fine_names(parts: Any, path: Path) -> Iterator[Finding]:
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        if not isinstance(part, dict):
            continue
        title = part.get("title")
        named: list[tuple[Path, Any]] = [(("id",), part.get("id"))]
        if isinstance(title, dict):
            named += [(("title", language), title.get(language)) for language in ("zh", "en")]
        for steps, name in named:
            if isinstance(name, str) and names_fine_money(name):
                yield fine_finding((*path, index, *steps), name, of_word=False)


def _leaves(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, list | dict):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from _leaves(part)
