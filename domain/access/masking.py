"""What a record of reading may say in plain words, and what only as a keyed digest."""

import re
from collections.abc import Callable, Iterable

from domain.errors import Invalid
from domain.personal_data import check_pseudonym, personal_data_in

LONGEST = 100
LONGEST_ASKED = 1_000
DIGEST_CHARACTERS = 16
# What people type freely: it may be anybody's name.
FREE = frozenset({"q", "text", "words", "search"})
# Ids, times, numbers and choices; no letters beyond ASCII, which names are written in.
_PLAIN = re.compile(r"[\w.:+@/-]{0,60}", re.ASCII)

_NAME = re.compile(r"[a-z][a-z_]{0,30}")
_QUOTED = re.compile(r"'(?:[^'\\]|''|\\.)*'?", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(\*/|$)", re.DOTALL)
_UNPLAIN = re.compile(r"[^\x20-\x7e\s]+")

Digest = Callable[[str], str]


def masked_key(key: str, digest: Digest) -> str:
    """The id of a thing as it is (or several with slashes between), unless it looks like a
    person's."""
    if "/" in key:
        return "/".join(masked_key(part, digest) for part in key.split("/") if part)
    try:
        check_pseudonym("access", "key", key)
    except Invalid:
        return masked(key, digest)
    return key if len(key) <= LONGEST and key.isprintable() else masked(key, digest)


def masked_asked(parameters: Iterable[tuple[str, str]], digest: Digest) -> str:
    """Filters as ``name=value``, sorted, so that the same question is always written one way."""
    said = (
        f"{name if _NAME.fullmatch(name) else masked(name, digest)}="
        f"{masked(value, digest) if name in FREE or not _is_plain(value) else value}"
        for name, value in parameters
        if value
    )
    return "&".join(sorted(said))[:LONGEST_ASKED]


def masked_purpose(purpose: str) -> str:
    """A purpose is kept as it was said. Raises ``Invalid`` (``purpose.invalid``)."""
    plain = purpose.strip()
    if len(plain) > 300 or not plain.isprintable() or personal_data_in(plain):
        raise Invalid(
            "purpose.invalid",
            "a purpose is one line of at most 300 characters, without numbers of identity cards, "
            "telephones or mail addresses: it is kept for ever",
        )
    return plain


def masked_sql(sql: str, digest: Digest) -> str:
    """A question in SQL without what stands in it between quotes, and a digest of the whole: who
    has the question can find it again. What still looks like somebody's data is left out."""
    plain = _COMMENT.sub(" ", _QUOTED.sub("?", sql))
    shown = " ".join(_UNPLAIN.sub("?", plain).split())[: LONGEST_ASKED - 40]
    whole = masked(sql, digest)
    return whole if personal_data_in(shown) else f"{shown} {whole}"


def masked(text: str, digest: Digest) -> str:
    return f"#{digest(text.strip())[:DIGEST_CHARACTERS]}"


def _is_plain(value: str) -> bool:
    return bool(_PLAIN.fullmatch(value)) and not personal_data_in(value)
