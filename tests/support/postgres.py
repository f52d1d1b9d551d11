"""A PostgreSQL of the test run's own, and a fresh database in it for every test."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from infra.event_store.postgres.migrating import migrate

_TEMPLATE = "prepared"
# Durable as it is delivered; small and quick otherwise.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "logging_collector": "off",
}


class Cluster:
    """One running server; ``conninfo(name)`` leads to its database of that name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._numbers = count(1)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._as_owner("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8",
                       "--locale=C.UTF-8", "--pgdata", self._data)  # fmt: skip
        settings = {**_SETTINGS, "port": str(self.port)}
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self.start()
        self._sql(f"CREATE DATABASE {_TEMPLATE}")
        migrate(self.conninfo(_TEMPLATE))

    @property
    def process_id(self) -> int:
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    def conninfo(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def database(self, prepared: bool = True) -> str:
        """The address of a database of its own, with an empty store in it or with nothing."""
        name = f"test_{next(self._numbers)}"
        template = f" TEMPLATE {_TEMPLATE}" if prepared else ""
        self._sql(f"CREATE DATABASE {name}{template}")
        return self.conninfo(name)

    def start(self) -> None:
        self._pg_ctl("start")

    def stop(self, mode: str = "fast") -> None:
        self._pg_ctl("stop", "-m", mode)

    def restart(self, mode: str = "fast") -> None:
        self._pg_ctl("restart", "-m", mode)

    def _pg_ctl(self, *arguments: str) -> None:
        log = self._folder / "server.log"
        self._as_owner("pg_ctl", *arguments, "-w", "-D", self._data, "-l", log)

    def _as_owner(self, program: str, *arguments: object) -> None:
        """The server refuses to be root, who runs tests in a container."""
        command = [str(_programs() / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
                       *command]  # fmt: skip
        done = subprocess.run(
            command, cwd=self._folder, env={**os.environ, "LC_ALL": "C.UTF-8"}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    def _sql(self, statement: str) -> None:
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def _programs() -> Path:
    """Debian keeps a server's programs apart, a folder for each version; the newest is taken."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        pytest.fail("PostgreSQL is missing: run the tests with `make test`, which installs it")
    return versions[-1].parent


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server to do anything to; the session's own is shared by all other tests."""
    folder = Path(mkdtemp(prefix="duban-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    try:
        running = Cluster(folder)
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
def postgres(postgres_cluster: Cluster) -> str:
    """The address of an empty event store in a database of its own."""
    return postgres_cluster.database()
