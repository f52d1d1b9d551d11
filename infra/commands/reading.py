"""Who reads on the command line, and why: recorded before anything is shown."""

import argparse
import getpass
import os

from api.services import Services
from domain.access.events import AccessRecorded, Act, Channel
from domain.access.masking import Digest, masked_asked, masked_key, masked_purpose, masked_sql
from domain.access.recording import ANONYMOUS, Access
from domain.errors import Invalid, Refused
from domain.two_people import is_system
from infra.access.waiting import record_beside
from infra.settings import Settings


def add_reader(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--actor", default=None, help="who reads (default: DUBAN_ACTOR, or the login name)"
    )
    parser.add_argument("--purpose", default="", help="why; it is recorded with who read what")


def record_reading(
    services: Services, chosen: argparse.Namespace, kind: str, key: str = "", act: Act = "open"
) -> None:
    """In a city that this process has open. Raises ``Refused``; nothing may be shown then."""
    digest = digest_of(services)
    services.accesses.record(_access(chosen, kind, key, act, "", "cli", digest))


def record_question(services: Services, chosen: argparse.Namespace, sql: str) -> None:
    digest = digest_of(services)
    asked = masked_sql(sql, digest)
    services.accesses.record(_access(chosen, "tables", "", "ask", asked, "sql", digest))


def asked_in_sql(sql: str, digest: Digest = lambda text: "") -> Access:
    """By the account of analysts: ClickHouse's own clients say no more of who they are."""
    event = AccessRecorded(act="ask", channel="sql", kind="tables", asked=masked_sql(sql, digest))
    return Access("analyst", event)


def record_search(services: Services, chosen: argparse.Namespace, text: str) -> None:
    """What was searched stands in the record as a keyed digest."""
    digest = digest_of(services)
    asked = masked_asked([("q", text)], digest)
    services.accesses.record(_access(chosen, "search", "", "search", asked, "cli", digest))


def digest_of(services: Services) -> Digest:
    """That something was asked is recorded even where the vault is shut."""

    def digest(text: str) -> str:
        try:
            return services.vault.digest(text)
        except Refused:
            return ""

    return digest


def record_reading_beside(
    settings: Settings, chosen: argparse.Namespace, kind: str, key: str, act: Act = "open"
) -> None:
    """In a city that is only looked at, whoever has it open. Raises ``Refused``."""
    record_beside(settings, _access(chosen, kind, key, act, "", "cli", lambda text: ""))


def reader_named(said: str | None) -> str:
    """Raises ``Invalid`` (``actor.invalid``, ``actor.reserved``)."""
    name = (said if said is not None else os.environ.get("DUBAN_ACTOR") or _login()).strip()
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise Invalid("actor.invalid", "an actor is named in 1 to 100 printable characters")
    if is_system(name.casefold()):
        raise Invalid("actor.reserved", "names that begin with 'system:' are the system's own")
    return name


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ANONYMOUS


def _access(
    chosen: argparse.Namespace, kind: str, key: str, act: Act, asked: str, channel: Channel,
    digest: Digest,
) -> Access:  # fmt: skip
    event = AccessRecorded(
        act=act, channel=channel, kind=kind, key=masked_key(key, digest) if key else "",
        asked=asked, purpose=masked_purpose(chosen.purpose),
    )  # fmt: skip
    return Access(reader_named(chosen.actor), event)
