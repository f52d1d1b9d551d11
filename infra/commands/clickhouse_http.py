"""``duban clickhouse-http``: the read tables of a directory for ClickHouse's own clients."""

import argparse
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import cache

from api.services import Services
from domain.access.recording import AccessLog
from domain.errors import Refused
from infra.access.waiting import keeping_record
from infra.clickhouse.endpoint.accounts import PASSWORDS, Accounts
from infra.clickhouse.endpoint.serving import serve, serving
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.schema import prepare
from infra.commands.listening import listen, loopback, shown
from infra.commands.opening import add_data_option, chosen_settings
from infra.commands.progress import say
from infra.commands.reading import asked_in_sql, digest_of
from infra.settings import Settings

EXAMPLES = (
    "duban clickhouse-http --data ./data",
    "duban clickhouse-http --data ./tables --host 0.0.0.0    # with passwords in the environment",
    "duban serve --clickhouse-port 8123                      # beside the boards, in one process",
)
PORT = 8123


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=PORT, help=f"port to listen on ({PORT}; 0: any free)"
    )
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="listen on another address than loopback with passwords made at this start",
    )


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    settings = chosen_settings(chosen, settings)
    accounts = accounts_for(chosen.host, chosen.insecure)
    with (
        listen(chosen.host, chosen.port) as listener,
        closing(ChdbEngine(settings.tables_dir)) as engine,
    ):
        if missing := prepare(engine):
            raise Refused(
                "tables.missing",
                f"{', '.join(missing)} must be built for this version of the program first: "
                "duban rebuild",
            )
        tell(accounts, listener)
        with questions(settings) as record:
            serve(engine.path, accounts, listener, record)
    return 0


@contextmanager
def questions(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Notes what analysts ask in the log that these tables are made from; told, if there is none
    here (its directory, or DUBAN_POSTGRES)."""
    if settings.mode == "embedded" and not settings.events_file.exists():
        if not settings.postgres:
            say("there is no log beside these tables: what is asked of them is recorded nowhere")
            yield lambda question: None
            return
        settings = replace(settings, mode="server")
    with ExitStack() as opened:
        turn = threading.Lock()

        @cache
        def accesses() -> AccessLog:
            return opened.enter_context(keeping_record(settings))

        def record(question: str) -> None:
            with turn:  # a shared store may be made later than its tables: asked for when needed
                log = accesses()
            log.record(asked_in_sql(question))

        if settings.mode == "embedded":
            accesses()
        yield record


@contextmanager
def beside(
    engine: object, host: str, port: int | None, insecure: bool, services: Services
) -> Iterator[None]:
    """The endpoint on a thread of a process that has the directory open; nothing without port."""
    if port is None:
        yield
        return
    if not isinstance(engine, ChdbEngine):
        raise Refused(
            "serve.clickhouse_port",
            "the tables are on a ClickHouse server: analysts connect to that server itself",
        )
    accounts = accounts_for(host, insecure)
    with listen(host, port) as listener:
        tell(accounts, listener)
        digest = digest_of(services)

        def record(question: str) -> None:
            services.accesses.record(asked_in_sql(question, digest))

        with serving(engine.path, accounts, listener, record):
            yield


def accounts_for(host: str, insecure: bool) -> Accounts:
    """Raises ``Refused`` (``clickhouse.not_loopback``): a password that is made anew at every
    start and stands in a log is good enough for this machine alone."""
    accounts = Accounts.from_environment(os.environ)
    if accounts.made and not (loopback(host) or insecure):
        names = ", ".join(PASSWORDS[role] for role in accounts.made)
        raise Refused(
            "clickhouse.not_loopback",
            f"{host} can be reached from other machines: set {names}, or use 127.0.0.1, or say "
            "--insecure if the network itself keeps strangers out",
        )
    return accounts


def tell(accounts: Accounts, listener: socket.socket) -> None:
    say(f"ClickHouse's HTTP interface: http://{shown(listener)} (database duban)")
    for role in accounts.made:
        say(f"user {role}, password {accounts.passwords[role]} (until it is started again)")
