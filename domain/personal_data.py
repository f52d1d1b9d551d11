"""Finds obvious personal data: what is written for ever holds pseudonyms only."""

import re
import unicodedata

from domain.errors import Invalid

_BETWEEN = r"[ \-.]?"
_PATTERNS = {
    "an identity card number": re.compile(
        rf"(?<!\d)\d{{6}}{_BETWEEN}\d{{4}}{_BETWEEN}\d{{4}}{_BETWEEN}\d{{3}}[\dXx](?![\dA-Za-z])"
    ),
    "a telephone number": re.compile(
        rf"(?<!\d)(\+?86{_BETWEEN})?1[3-9]\d{_BETWEEN}\d{{4}}{_BETWEEN}\d{{4}}(?!\d)"
    ),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
}
# Two to four Chinese characters and no 某: how people are called.
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")


def personal_data_in(text: str) -> str:
    """What kind of personal data a text obviously holds, "" if none. Written in full-width digits
    it is the same."""
    plain = unicodedata.normalize("NFKC", text)
    return next((what for what, pattern in _PATTERNS.items() if pattern.search(plain)), "")


def check_texts(kind: str, **texts: str) -> None:
    """Raises ``Invalid`` (``<kind>.personal_data``), without repeating what was found."""
    for name, text in texts.items():
        what = personal_data_in(text)
        if what:
            raise Invalid(
                f"{kind}.personal_data",
                f"'{name}' holds {what}: take it out; what is recorded here is kept for ever",
            )


def check_pseudonym(kind: str, name: str, pseudonym: str) -> None:
    """A person (or a company outside the register) stands under a name that says nothing. Raises
    ``Invalid`` (``<kind>.pseudonym`` or ``<kind>.personal_data``)."""
    check_texts(kind, **{name: pseudonym})
    if any(character.isspace() for character in pseudonym):
        raise Invalid(
            f"{kind}.pseudonym", f"'{name}' is a pseudonym such as p-17: one word without spaces"
        )
    if _NAME.fullmatch(pseudonym) and "某" not in pseudonym:
        raise Invalid(
            f"{kind}.personal_data",
            f"'{name}' looks like the name of a person: write a pseudonym such as p-17",
        )
