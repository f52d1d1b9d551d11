"""The transparency log of a city in either mode: its tree, its ledger, and who signs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass

from domain.errors import Refused
from domain.ports import Clock
from infra.event_store.address import StoreAddress
from infra.event_store.shares import SqliteAddress
from infra.lasting import working_beside
from infra.settings import Mode, Settings
from infra.stores import open_store
from infra.transparency.checking import Proven, Report, check
from infra.transparency.files import FOLDER, FileLedger, FileTree
from infra.transparency.signing import read_key, verify
from projections.transparency.notes import ED25519
from projections.transparency.trust import Trust
from streams.notary import Notary, Signer
from streams.ports import RawLog
from streams.proving import Outside
from streams.transparency import Ledger, TransparencyLog, TreeStore


@dataclass(frozen=True, slots=True)
class Kept:
    """``close`` leaves it on disk as it stands."""

    tree: TreeStore
    ledger: Ledger
    notary: Notary
    log: TransparencyLog
    _opened: ExitStack

    @contextmanager
    def still(self) -> Iterator[None]:
        """The tree has all events and gets no more of them from this process."""
        with self.notary.still():
            yield

    def following(self) -> AbstractContextManager[None]:
        """Meanwhile a thread lets the tree follow the log and signs what is due."""
        return working_beside(self.notary.follow, "notary")

    def close(self) -> None:
        self._opened.close()


def keep(settings: Settings, log: RawLog, store_id: str, clock: Clock) -> Kept:
    """For the process that has the city open. ``log`` must stay open until it is closed."""
    with ExitStack() as opened:
        tree, ledger = _STORES[settings.mode](settings, store_id, True, opened)
        notary = Notary(
            log, tree, ledger, lambda: signer_of(settings, ledger),
            lambda: int(clock.now().timestamp()), settings.checkpoint_seconds,
        )  # fmt: skip
        opened.callback(notary.close)
        proofs = TransparencyLog(tree, ledger, verify, notary.catch_up, log.read_raw)
        return Kept(tree, ledger, notary, proofs, opened.pop_all())


@contextmanager
def looked_at(settings: Settings) -> Iterator[tuple[TransparencyLog, Ledger]]:
    """What is kept, also while the city is being served. Raises ``Refused`` (``store.*``)."""
    with closing(open_store(settings)) as store, ExitStack() as opened:
        tree, ledger = _STORES[settings.mode](settings, store.store_id(), False, opened)
        yield TransparencyLog(tree, ledger, verify), ledger


def prove(settings: Settings, outside: Outside, report: Report) -> Proven:
    """Without opening the city: an altered event may be one that nobody can read any more."""
    with closing(open_store(settings)) as store, ExitStack() as opened:
        tree, ledger = _STORES[settings.mode](settings, store.store_id(), False, opened)
        return check(
            _ADDRESSES[settings.mode](settings), store.last_position, tree, ledger,
            store.store_id(), outside, report,
        )  # fmt: skip


def copy_ledger(source: Settings, target: Settings) -> None:
    """What was signed goes along with the events; into an empty ledger."""
    with looked_at(source) as (_, old), looked_at(target) as (_, new):
        if new.key_list() or new.issued():
            return
        for entry in old.key_list():
            new.keep_key(entry)
        for issued in old.issued():
            new.keep(issued)
        for cosignature in old.cosignatures():
            new.cosign(cosignature)


def trusted(ledger: Ledger) -> Trust:
    return Trust(ledger.key_list(), verify)


def signer_of(settings: Settings, ledger: Ledger) -> Signer | None:
    """None until somebody has made a key. Raises ``Refused`` (``key.*``)."""
    if not settings.key_file.exists():
        return None
    signer = read_key(settings.key_file, ED25519)
    if signer.key not in trusted(ledger).keys(ED25519):
        raise Refused(
            "key.unlisted",
            f"the key in {settings.key_file} is not, or no longer, a key of this log: see duban "
            "keys list",
        )
    return signer


def _in_files(
    settings: Settings, store_id: str, writing: bool, opened: ExitStack
) -> tuple[TreeStore, Ledger]:
    folder = settings.data_dir / FOLDER
    tree = FileTree(folder, store_id, writing)
    opened.callback(tree.close)
    return tree, FileLedger(folder)


def _in_postgres(
    settings: Settings, store_id: str, writing: bool, opened: ExitStack
) -> tuple[TreeStore, Ledger]:
    from infra.event_store.postgres.connections import Connections
    from infra.transparency.postgres import PostgresLedger, PostgresTree

    connections = Connections(settings.postgres)
    opened.callback(connections.close)
    return PostgresTree(connections), PostgresLedger(connections)


def _postgres_address(settings: Settings) -> StoreAddress:
    from infra.event_store.postgres.shares import PostgresAddress

    return PostgresAddress(settings.postgres)


_ADDRESSES: Mapping[Mode, Callable[[Settings], StoreAddress]] = {
    "embedded": lambda settings: SqliteAddress(settings.events_file),
    "server": _postgres_address,
}
_STORES: Mapping[Mode, Callable[[Settings, str, bool, ExitStack], tuple[TreeStore, Ledger]]] = {
    "embedded": _in_files,
    "server": _in_postgres,
}
