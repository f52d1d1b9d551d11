"""The system of record on PostgreSQL: the same log, written by any number of processes."""

from infra.event_store.postgres.store import PostgresEventStore

__all__ = ["PostgresEventStore"]
