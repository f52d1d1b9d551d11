"""The library's recorder interfaces over the log in PostgreSQL."""

from infra.event_store.recorder import LogAggregateRecorder, LogRecorder


class PostgresAggregateRecorder(LogAggregateRecorder):
    SELECT_EVENTS = """
    SELECT version, t.name, data
    FROM duban.streams s
    JOIN duban.events ON stream = s.id
    JOIN duban.types t ON t.id = type
    WHERE s.name = %(name)s AND version > %(lowest)s AND version <= %(highest)s
    ORDER BY version {} LIMIT %(limit)s
    """


class PostgresRecorder(PostgresAggregateRecorder, LogRecorder):
    SELECT_NOTIFICATIONS = """
    SELECT pos, s.name, version, t.name, data
    FROM duban.events
    JOIN duban.streams s ON s.id = stream
    JOIN duban.types t ON t.id = type
    WHERE pos >= %(lowest)s AND pos <= %(highest)s AND (
        json_array_length(%(topics)s::json) = 0
        OR t.name IN (SELECT json_array_elements_text(%(topics)s::json))
    )
    ORDER BY pos LIMIT %(limit)s
    """
