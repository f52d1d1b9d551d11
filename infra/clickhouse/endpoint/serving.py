"""The endpoint on a socket: the work of a whole process, or of a thread beside another."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from infra.clickhouse.endpoint.accounts import Accounts
from infra.clickhouse.endpoint.app import Record, create_endpoint, unrecorded

# An answer that is still being sent must not hold the process back when it is told to stop.
GRACE_SECONDS = 3
# Longer than a client waits between two questions: one that asks just when its connection is closed
# cannot know whether it was heard.
KEEP_ALIVE_SECONDS = 60


def serve(
    path: str, accounts: Accounts, listener: socket.socket, record: Record = unrecorded
) -> None:
    """Until the process is told to stop."""
    _server(path, accounts, record).run(sockets=[listener])


@contextmanager
def serving(
    path: str, accounts: Accounts, listener: socket.socket, record: Record = unrecorded
) -> Iterator[None]:
    """On a thread, for the length of the block."""
    server = _server(path, accounts, record)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="clickhouse-http", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _server(path: str, accounts: Accounts, record: Record) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            create_endpoint(path, accounts, record),
            log_level="warning",
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            server_header=False,
        )
    )
