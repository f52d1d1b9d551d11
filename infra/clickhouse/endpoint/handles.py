"""Handles of the engine in this process: one for each question, with the settings of its role."""

import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import chdb

from infra.clickhouse.endpoint.failures import (
    READONLY,
    SESSION_IS_LOCKED,
    SESSION_NOT_FOUND,
    TOO_MANY,
    UNKNOWN_SETTING,
    Failure,
)
from infra.clickhouse.engine import DATABASE

Settings = Mapping[str, str]
_IDLE = 16
_SESSIONS = 200
_LONGEST_SESSION = 3600.0  # seconds
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class Handle:
    """One of the engine's own connections. It keeps what is SET on it, and serves one question
    at a time. ``spoiled``: an answer was not taken to its end, nobody else should have it."""

    spoiled = False

    def __init__(self, path: str, database: str, settings: Settings) -> None:
        self.connection: Any = chdb.connect(path)  # type: ignore[no-untyped-call]
        try:
            self.run(f"USE {identifier(database)}")
            self.apply(settings)
        except BaseException:
            self.close()
            raise

    def run(self, sql: str, output: str = "TabSeparated", params: Settings | None = None) -> bytes:
        """Raises ``Failure``."""
        try:
            return bytes(self.connection.query(sql, output, params=dict(params or {})).bytes())
        except RuntimeError as error:
            raise Failure.told(error) from error

    def apply(self, settings: Settings) -> None:
        for name, value in settings.items():
            self.run(f"SET {setting(name, value)}")

    def close(self) -> None:
        self.connection.close()


class Handles:
    """Handles that nobody uses are kept for the next question of the same role, with the same
    settings."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._idle: deque[tuple[tuple[object, ...], Handle]] = deque()
        self._turn = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def lend(self, role: str, database: str, settings: Settings) -> tuple[Handle, Any]:
        """A handle and the key it goes back with (``give_back``), or is closed."""
        key = (role, database, *settings.items())
        with self._turn:
            for index, (kept, handle) in enumerate(self._idle):
                if kept == key:
                    del self._idle[index]
                    return handle, key
        return Handle(self._path, database, settings), key

    def give_back(self, key: Any, handle: Handle) -> None:
        with self._turn:
            self._idle.append((key, handle))
            old = self._idle.popleft()[1] if len(self._idle) > _IDLE else None
        if old is not None:
            old.close()

    @contextmanager
    def session(self, name: str, seconds: float, check: bool) -> Iterator["Session"]:
        """The session of that name to itself. Raises ``Failure`` when it is in use, is not there
        although it must be (``check``), or is one too many."""
        with self._turn:
            self._forget_sessions()
            found = self._sessions.get(name)
            if found is None and check:
                raise Failure(SESSION_NOT_FOUND, "Session not found")
            if found is None and len(self._sessions) >= _SESSIONS:
                raise Failure(TOO_MANY, f"Too many sessions: {_SESSIONS} are open")
            if found is None:
                found = self._sessions[name] = Session(Handle(self._path, DATABASE, {}))
            if found.used:
                raise Failure(SESSION_IS_LOCKED, f"Session {name} is locked by a concurrent client")
            found.used = True
        try:
            yield found
        finally:
            found.until = time.monotonic() + min(seconds, _LONGEST_SESSION)
            found.used = False

    def close(self) -> None:
        with self._turn:
            for _, handle in self._idle:
                handle.close()
            for session in self._sessions.values():
                session.handle.close()
            self._idle.clear()
            self._sessions.clear()

    def _forget_sessions(self) -> None:
        now = time.monotonic()
        for name, session in list(self._sessions.items()):
            if not session.used and session.until < now:
                del self._sessions[name]
                session.handle.close()


class Session:
    """A handle that keeps temporary tables and what is SET, and forgets the settings of one
    request before the next."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.used = False
        self.until = 0.0
        self._before: dict[str, str] = {}
        self._applied: dict[str, str] = {}

    def prepare(self, database: str, settings: Settings) -> None:
        if "readonly" in settings:
            raise Failure(READONLY, "readonly cannot be set inside of a session")
        if database:
            self.handle.run(f"USE {identifier(database)}")
        for name in [name for name in self._applied if name not in settings]:
            self.handle.run(self._before.pop(name))
            del self._applied[name]
        for name, value in settings.items():
            if self._applied.get(name) != value:
                if name not in self._before:
                    self._before[name] = self._present(name)
                self.handle.run(f"SET {setting(name, value)}")
                self._applied[name] = value

    def _present(self, name: str) -> str:
        """The statement that brings back how a setting stands now."""
        found = self.handle.run(
            "SELECT value FROM system.settings WHERE changed AND name = {name:String}",
            "TSVRaw",
            {"name": name},
        )
        value = found.decode().removesuffix("\n")
        return f"SET {setting(name, value)}" if value else f"SET {name} = DEFAULT"


def setting(name: str, value: str) -> str:
    """``name = 'value'``. Raises ``Failure`` for what cannot be the name of a setting."""
    if not _NAME.fullmatch(name):
        raise Failure(UNKNOWN_SETTING, f"Unknown setting {name!r}")
    return f"{name} = {quoted(value)}"


def quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
