"""The vault of a city in either mode."""

from collections.abc import Callable, Iterator, Mapping

from domain.persons.events import PersonForgotten
from domain.ports import EventStore
from infra.settings import Mode, Settings
from infra.vault.rows import Rows
from infra.vault.sealed import SealedVault


def open_vault(settings: Settings, store: EventStore, store_id: str) -> SealedVault:
    """``store`` must stay open until it is closed. The key is looked at when it is first used."""
    rows = _ROWS[settings.mode](settings)

    def forgotten() -> Iterator[str]:
        for envelope in store.load_kind("person"):
            if isinstance(envelope.event, PersonForgotten):
                yield envelope.key

    # Each replica of a server would make a key of its own: there somebody makes the one of all.
    makes = settings.mode == "embedded"
    return SealedVault(rows, settings.vault_key_file, store_id, forgotten, makes)


def _in_a_file(settings: Settings) -> Rows:
    from infra.vault.sqlite import SqliteRows

    return SqliteRows(settings.vault_file)


def _in_postgres(settings: Settings) -> Rows:
    from infra.event_store.postgres.connections import Connections
    from infra.vault.postgres import PostgresRows

    return PostgresRows(Connections(settings.postgres))


_ROWS: Mapping[Mode, Callable[[Settings], Rows]] = {
    "embedded": _in_a_file, "server": _in_postgres,
}  # fmt: skip
