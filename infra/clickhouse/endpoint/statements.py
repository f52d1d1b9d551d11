"""Statements as they come over HTTP: one at a time, with a format and perhaps with rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from infra.clickhouse.endpoint.failures import SYNTAX_ERROR, Failure

# Narrower than ClickHouse's own lexer: whatever the two could read differently is not let through,
# so that nothing hides behind a quotation mark that only one of them sees.
_TOKEN = re.compile(
    r"""(?P<gap>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.|'')*')
    |(?P<name>`[^`\\\n]*`|"[^"\\\n]*")
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9][0-9A-Za-z_]*)
    |(?P<end>;)
    |(?P<sign>-(?!-)|/(?!\*)|[(),.=<>!+*%\[\]{}:?|@&^~])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
# A statement of these answers with rows, all others with nothing.
_ANSWERING = {
    "SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK", "FROM", "(",
}  # fmt: skip
_HEAD = 1 << 16  # bytes in which an INSERT must have come to its rows


class Token(NamedTuple):
    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Statement:
    """``text`` without its format; ``words`` are those outside of quotation marks, in capitals."""

    text: str
    format: str
    words: tuple[str, ...]
    first: str

    def rows_from(self, clause: str) -> str:
        """Of an INSERT that brings rows: with a clause that says where they are found."""
        depth, at = 0, len(self.text)
        for token in tokens(self.text):
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0 and _is(token, "SETTINGS"):
                at = token.start
        return f"{self.text[:at].rstrip()} {clause} {self.text[at:]}".rstrip()

    @property
    def answers(self) -> bool:
        return self.first in _ANSWERING

    @property
    def selects(self) -> bool:
        """The engine hands out the rows of these as it finds them."""
        return self.first in ("SELECT", "WITH", "FROM", "(")


def tokens(sql: str) -> Iterator[Token]:
    """Raises ``Failure`` where the statement cannot be read without doubt."""
    at = 0
    while at < len(sql):
        found = _TOKEN.match(sql, at)
        if found is None or "\0" in found[0]:
            raise Failure(
                SYNTAX_ERROR,
                f"Syntax error: cannot be read at position {at + 1} ({sql[at : at + 20]})",
            )
        yield Token(str(found.lastgroup), found[0], at)
        at = found.end()


def statement(sql: str) -> Statement:
    """One statement that brings no rows. Raises ``Failure``."""
    found = [token for token in tokens(sql) if token.kind != "gap"]
    while found and found[-1].kind == "end":
        found.pop()
    if not found:
        raise Failure(SYNTAX_ERROR, "Empty query")
    if any(token.kind == "end" for token in found):
        raise Failure(SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed)")
    words = tuple(token.text.upper() for token in found if token.kind == "word")
    chosen = ""
    if len(found) > 2 and found[-1].kind == "word" and _is(found[-2], "FORMAT"):
        chosen = found[-1].text
        found = found[:-2]
    end = found[-1].start + len(found[-1].text)
    return Statement(sql[:end], chosen, words, found[0].text.upper())


def rows_begin(sql: bytes) -> tuple[Statement, int] | None:
    """For an INSERT with rows behind it: the statement up to them, their format in it, and where
    they begin. None for every other statement."""
    head = sql[:_HEAD].decode("latin-1")  # a character for every byte: the rest may be anything
    seen: list[Token] = []
    depth = 0
    for token in tokens(head):
        if token.kind == "gap":
            continue
        if not seen and not _is(token, "INSERT"):
            return None
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if seen and depth == 0 and _is(seen[-1], "FORMAT") and token.kind == "word":
            return _insert(head, seen[:-1], token.text), _after_line(head, token)
        if depth == 0 and _is(token, "VALUES"):
            return _insert(head, seen, "Values"), token.start + len("VALUES")
        if depth == 0 and (_is(token, "SELECT") or _is(token, "WITH")):
            return None
        seen.append(token)
    return None


def _insert(head: str, seen: list[Token], chosen: str) -> Statement:
    text = head[: seen[-1].start + len(seen[-1].text)].encode("latin-1").decode("utf-8", "replace")
    words = tuple(token.text.upper() for token in seen if token.kind == "word")
    return Statement(text, chosen, words, "INSERT")


def _after_line(head: str, token: Token) -> int:
    at = token.start + len(token.text)
    line = re.compile(r"[ \t\f]*;?[ \t\f]*\r?\n?").match(head, at)
    return line.end() if line else at


def _is(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word
