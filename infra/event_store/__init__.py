"""The system of record: an append-only log of events in one SQLite file."""

from infra.event_store.recorder import SQLiteAggregateRecorder, SQLiteRecorder
from infra.event_store.store import RawEvent, SqliteEventStore

__all__ = ["RawEvent", "SQLiteAggregateRecorder", "SQLiteRecorder", "SqliteEventStore"]
