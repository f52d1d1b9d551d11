"""One suite for the vault, whatever database lies under it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from domain.errors import Conflict, NotFound, Refused
from infra.event_store.postgres.connections import Connections
from infra.vault.keys import make_keys, new_keys
from infra.vault.postgres import PostgresRows
from infra.vault.rows import Rows
from infra.vault.sealed import SealedVault
from infra.vault.sqlite import SqliteRows

WANG = {"name": "王小明", "phone": "13812345678", "id_number": "11010519491231002X"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Rows]:
    """Opens the same database again and again."""
    if request.param == "sqlite":
        return lambda: SqliteRows(tmp_path / "vault.sqlite")
    address: str = request.getfixturevalue("postgres")
    return lambda: PostgresRows(Connections(address))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "vault.key"


@pytest.fixture
def rows(place: Callable[[], Rows]) -> Iterator[Rows]:
    opened = place()
    yield opened
    opened.close()


@pytest.fixture
def vault(rows: Rows, key_file: Path) -> SealedVault:
    return SealedVault(rows, key_file, "store-1")


def test_what_was_put_is_read_again(vault: SealedVault) -> None:
    vault.put("p-1", WANG)
    assert vault.read("p-1") == WANG
    vault.put("p-1", {"name": "王晓明"})
    assert vault.read("p-1") == {"name": "王晓明"}


def test_a_pseudonym_is_the_same_for_the_same_key_and_says_nothing(vault: SealedVault) -> None:
    assert vault.pseudonym("a") == vault.pseudonym("a") != vault.pseudonym("b")
    assert vault.pseudonym("a").startswith("p-")
    assert len(vault.pseudonym("a")) == 18


def test_nobody_is_known_who_was_not_put(vault: SealedVault) -> None:
    for ask in (vault.read, lambda who: vault.encrypt(who, b"x")):
        with pytest.raises(NotFound, match="no person p-9"):
            ask("p-9")


@pytest.mark.parametrize(
    "written",
    ["11010519491231002X", "110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_a_person_is_found_by_the_number_however_it_is_written(
    vault: SealedVault, written: str
) -> None:
    vault.put("p-1", WANG)
    assert vault.find("id_number", written) == "p-1"
    assert vault.find("id_number", "110105194912310011") is None
    assert vault.find("name", "王小明") is None


def test_a_corrected_number_leads_to_the_person_and_the_old_one_no_more(
    vault: SealedVault,
) -> None:
    vault.put("p-1", WANG)
    vault.put("p-1", WANG | {"id_number": "110105194912310011"})
    assert vault.find("id_number", "110105194912310011") == "p-1"
    assert vault.find("id_number", WANG["id_number"]) is None


def test_two_people_never_have_one_number(vault: SealedVault) -> None:
    vault.put("p-1", WANG)
    with pytest.raises(Conflict) as refused:
        vault.put("p-2", WANG | {"name": "张三"})
    assert refused.value.code == "person.exists"
    assert vault.read("p-2") == {}


def test_what_was_sealed_for_one_person_opens_for_nobody_else(vault: SealedVault) -> None:
    vault.put("p-1", WANG)
    vault.put("p-2", {"name": "张三"})
    sealed = vault.encrypt("p-1", b"photo")
    assert vault.decrypt("p-1", sealed) == b"photo"
    assert vault.encrypt("p-1", b"photo") != sealed
    for person, data in (
        ("p-2", sealed),
        ("p-1", sealed[:-1] + b"!"),
        ("p-1", b""),
        ("p-1", b"\2"),
    ):
        with pytest.raises(Refused) as refused:
            vault.decrypt(person, data)
        assert refused.value.code == "vault.damaged"


def test_whoever_is_forgotten_cannot_be_read_found_sealed_or_put_again(
    vault: SealedVault,
) -> None:
    vault.put("p-1", WANG)
    photo = vault.encrypt("p-1", b"photo")
    assert vault.forget("p-1")
    assert not vault.forget("p-1")
    for ask in (
        lambda: vault.read("p-1"), lambda: vault.put("p-1", WANG),
        lambda: vault.encrypt("p-1", b"x"), lambda: vault.decrypt("p-1", photo),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "person.erased"
    assert vault.find("id_number", WANG["id_number"]) is None
    assert vault.state() == (1, 1)


def test_somebody_can_be_forgotten_who_was_never_put(vault: SealedVault) -> None:
    assert vault.forget("p-7")
    with pytest.raises(Refused, match="erased"):
        vault.put("p-7", WANG)


def test_a_number_is_free_again_once_its_person_is_forgotten(vault: SealedVault) -> None:
    vault.put("p-1", WANG)
    vault.forget("p-1")
    vault.put("p-2", WANG)
    assert vault.find("id_number", WANG["id_number"]) == "p-2"


def test_the_database_never_holds_what_it_keeps(vault: SealedVault, rows: Rows) -> None:
    vault.put("p-1", WANG)
    row = rows.get("p-1")
    assert row is not None
    assert row.sealed is not None
    assert row.key is not None
    assert not any(value.encode() in row.sealed for value in WANG.values())
    assert len(row.key) == 1 + 12 + 32 + 16


def test_two_who_register_and_forget_at_once_leave_one_whole_state(
    vault: SealedVault, place: Callable[[], Rows], key_file: Path
) -> None:
    vault.put("p-0", WANG)
    other = SealedVault(place(), key_file, "store-1")

    def put(turn: int) -> None:
        with suppress(Refused):
            (vault, other)[turn % 2].put("p-1", {"name": str(turn)})
            (vault, other)[turn % 2].read("p-1")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, range(40)))
        assert vault.read("p-1")["name"].isdigit()
        list(threads.map(lambda n: other.forget("p-1") if n == 20 else put(n), range(40)))
    other.close()
    with pytest.raises(Refused, match="erased"):
        vault.read("p-1")


def test_a_vault_restored_with_a_forgotten_key_forgets_it_again(rows: Rows, key_file: Path) -> None:
    SealedVault(rows, key_file, "store-1").put("p-1", WANG)
    restored = SealedVault(rows, key_file, "store-1", lambda: ["p-1"])
    with pytest.raises(Refused, match="erased"):
        restored.read("p-1")
    assert rows.get("p-1") == (None, None, True)


def test_the_vault_of_another_city_is_refused(
    vault: SealedVault, rows: Rows, key_file: Path
) -> None:
    vault.put("p-1", WANG)
    foreign = SealedVault(rows, key_file, "store-2")
    for ask in (lambda: foreign.read("p-1"), lambda: foreign.forget("p-1"), foreign.state):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "vault.foreign"


def test_without_its_key_or_with_another_it_says_so_and_makes_none(
    vault: SealedVault, rows: Rows, key_file: Path
) -> None:
    vault.put("p-1", WANG)
    key_file.rename(key_file.with_suffix(".away"))
    with pytest.raises(Refused) as missing:
        SealedVault(rows, key_file, "store-1").read("p-1")
    assert missing.value.code == "vault.no_key"
    assert str(key_file) in missing.value.message
    make_keys(key_file, new_keys())
    with pytest.raises(Refused) as wrong:
        SealedVault(rows, key_file, "store-1").put("p-2", WANG)
    assert wrong.value.code == "vault.wrong_key"
    key_file.write_text("DUBAN+VAULT+KEY+1+AAAA+00000000\n")
    with pytest.raises(Refused) as broken:
        SealedVault(rows, key_file, "store-1").state()
    assert broken.value.code == "vault.key_unusable"
    key_file.chmod(0o644)
    with pytest.raises(Refused) as exposed:
        SealedVault(rows, key_file, "store-1").state()
    assert exposed.value.code == "vault.key_exposed"


def test_a_new_wrapping_key_opens_all_and_the_old_one_nothing(
    vault: SealedVault, rows: Rows, key_file: Path
) -> None:
    vault.put("p-1", WANG)
    vault.put("p-2", {"name": "张三"})
    vault.forget("p-2")
    meanwhile = SealedVault(rows, key_file, "store-1")
    assert meanwhile.read("p-1") == WANG
    old = key_file.read_bytes()
    assert vault.rotate() == 1
    assert vault.read("p-1") == meanwhile.read("p-1") == WANG
    assert vault.find("id_number", WANG["id_number"]) == "p-1"
    key_file.write_bytes(old)
    with pytest.raises(Refused) as refused:
        SealedVault(rows, key_file, "store-1").read("p-1")
    assert refused.value.code == "vault.wrong_key"


def test_a_rotation_that_was_interrupted_is_finished(
    vault: SealedVault, rows: Rows, key_file: Path
) -> None:
    vault.put("p-1", WANG)
    old = key_file.read_bytes()
    vault.rotate()
    key_file.rename(key_file.with_name("vault.key.next"))
    key_file.write_bytes(old)
    key_file.chmod(0o600)
    assert SealedVault(rows, key_file, "store-1").read("p-1") == WANG
