"""Whether the vault is there, is this city's, and opens with its key."""

from collections.abc import Iterable
from contextlib import closing

from domain.errors import Refused
from domain.messages import Envelope
from domain.persons.events import PersonForgotten, PersonRegistered
from infra.settings import Settings
from infra.stores import open_store
from infra.vault.opening import open_vault


def vault(settings: Settings) -> str:
    """One line about it; makes neither a vault nor a key. Raises ``Refused`` (``vault.*``)."""
    if settings.mode == "embedded" and not settings.events_file.exists():
        return f"no city in {settings.data_dir} yet"
    with closing(open_store(settings)) as store:
        kept = _kept(store.load_kind("person"))
        if settings.mode == "embedded" and not settings.vault_file.exists():
            if kept:
                raise Refused(
                    "vault.missing",
                    f"{kept} persons are registered, but {settings.vault_file} is not there: "
                    "restore it from a copy",
                )
            return "nobody is registered"
        with closing(open_vault(settings, store, store.store_id())) as opened:
            counted = opened.state()
    if counted.persons - counted.erased < kept:
        raise Refused(
            "vault.incomplete",
            f"{kept} persons are registered, but the vault knows {counted.persons - counted.erased}"
            ": restore it from a newer copy",
        )
    place = settings.vault_key_file
    beside = place.resolve().is_relative_to(settings.data_dir.resolve())
    advice = "; a copy of the directory opens it: keep the key elsewhere (DUBAN_VAULT_KEY)"
    return (
        f"{counted.persons} persons, {counted.erased} of them forgotten; key {place}"
        f"{advice if beside and counted.persons else ''}"
    )


def _kept(envelopes: Iterable[Envelope]) -> int:
    """How many were registered and not forgotten."""
    by_kind = {PersonRegistered: 1, PersonForgotten: -1}
    return sum(by_kind.get(type(envelope.event), 0) for envelope in envelopes)
