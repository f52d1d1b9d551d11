"""The ClickHouse server, over HTTP: a connection pool, and clients for the threads of a process."""

from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError
from clickhouse_connect.driver.httputil import get_pool_manager

from domain.errors import Invalid
from infra.clickhouse.engine import DATABASE, Clients
from infra.clickhouse.layout import CLUSTER, ONE_MACHINE

_UNKNOWN_DATABASE = 81
_PORTS = {"http": 8123, "https": 8443}
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 300
_CONNECTIONS = 64


class HttpEngine:
    """At http(s)://USER:PASSWORD@HOST:PORT/DATABASE; ``?replicated=1`` for a cluster. Nothing is
    connected before the first client is asked for, and a server that is away for a while is found
    again. What the driver sends anew when a connection breaks cannot count twice: every insert
    carries its token, or changes nothing the second time."""

    def __init__(self, url: str) -> None:
        """Raises ``Invalid`` (``settings.invalid``)."""
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        if parts.scheme not in _PORTS or not parts.hostname or set(options) - {"replicated"}:
            raise Invalid(
                "settings.invalid",
                "the address of ClickHouse is http://USER:PASSWORD@HOST:8123/DATABASE, with "
                "?replicated=1 behind it for a cluster",
            )
        self.layout = CLUSTER if options.get("replicated") == ["1"] else ONE_MACHINE
        self.database = parts.path.strip("/") or DATABASE
        self._pool = get_pool_manager(maxsize=_CONNECTIONS, num_pools=4)
        self._address = {
            "interface": parts.scheme,
            "host": parts.hostname,
            "port": parts.port or _PORTS[parts.scheme],
            "username": unquote(parts.username or "default"),
            "password": unquote(parts.password or ""),
        }
        self._clients = Clients(self.connect)

    def client(self) -> AbstractContextManager[Client]:
        return self._clients.client()

    def connect(self, **options: Any) -> Client:
        """Makes the database if it is not there yet and the user may."""
        try:
            return self._connect(**options)
        except DatabaseError as error:
            if error.code != _UNKNOWN_DATABASE:
                raise
            client = self._connect(database="default")
            client.command(f"CREATE DATABASE IF NOT EXISTS {self.database}")
            client.close()
            return self._connect(**options)

    def close(self) -> None:
        self._clients.close()
        self._pool.clear()

    def reachable(self) -> bool:
        """For health pages: does it answer a question now?"""
        try:
            client = self._connect()
            client.close()
        except (ClickHouseError, OSError):
            return False
        return True

    def _connect(self, **options: Any) -> Client:
        return clickhouse_connect.get_client(
            **{
                **self._address,
                "database": self.database,
                "tz_mode": "aware",
                "pool_mgr": self._pool,
                # A session would allow one question at a time and outlive whoever asked.
                "autogenerate_session_id": False,
                "connect_timeout": _CONNECT_SECONDS,
                "send_receive_timeout": _ANSWER_SECONDS,
                # Client and server are close: packing costs more than the wire.
                "compress": False,
                **options,
            }
        )
