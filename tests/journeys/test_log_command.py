"""The auditor's way: keys on two machines, a checkpoint, a witness, a proof, and a forger found."""

import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from infra.transparency.signing import verify
from projections.transparency.checkpoints import read_checkpoint, read_proof_file
from projections.transparency.merkle import root_by_inclusion
from projections.transparency.trust import KeyEntry, Trust
from streams.notary import hashed
from tests.support.cities import synthetic
from tests.support.program import duban, start


def done(*arguments: object) -> str:
    ran = duban(*arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_log_is_signed_witnessed_proven_and_its_forger_found(tmp_path: Path) -> None:
    data, audit = tmp_path / "data", tmp_path / "audit.key"
    synthetic(data)
    unsigned = duban("log", "checkpoint", "--new", "--data", data)
    assert (unsigned.returncode, "duban keys make" in unsigned.stderr) == (1, True)
    log_key = done("keys", "make", "--data", data).strip()
    secret = (data / "signing.key").read_text().strip().rpartition("+")[2]
    witness_key = done("keys", "witness", audit, "--name", "audit.example").strip()
    done("keys", "trust", witness_key, "--data", data)
    note, checkpoint = read_checkpoint(done("log", "checkpoint", "--new", "--data", data))
    assert Trust([KeyEntry(log_key, 0)], verify).signed(note, checkpoint)

    server = start("serve", "--port", 0, "--data", data)
    try:
        assert server.stderr is not None
        found = re.search(r"http://\S+", server.stderr.readline())
        assert found is not None
        watching = ("witness", "--log", found[0], "--key", audit, "--log-key", log_key)
        assert f"holds {checkpoint.size} events and only grew" in done(*watching)
        cosigned, _ = read_checkpoint(done("log", "checkpoint", "--data", data))
        trust = Trust([KeyEntry(witness_key, 0)], verify)
        assert [str(key) for key in trust.cosigners(cosigned, checkpoint)] == [witness_key]
    finally:
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=60)
    assert secret not in said

    index, hashes, signed = read_proof_file(done("log", "proof", 17, "--data", data))
    with closing(sqlite3.connect(data / "events.sqlite")) as store:
        event = store.execute(
            "SELECT pos, s.name, version, t.name, CAST(data AS BLOB), CAST(meta AS BLOB), "
            "recorded_at FROM events JOIN streams s ON s.id = stream JOIN types t ON t.id = type "
            "WHERE pos = 17"
        ).fetchone()
    assert root_by_inclusion(index, checkpoint.size, hashed(event), hashes) == checkpoint.root
    assert read_checkpoint(signed)[1] == checkpoint
    assert done("log", "consistency", 9, "--data", data).startswith("9 ")
    outside = ("--witness", witness_key, "--log-key", log_key, "--checkpoint", f"{audit}.seen")
    sound = done("verify", "--data", data, *outside)
    assert f"witnessed up to {checkpoint.size}" in sound

    _forge(data)
    caught = duban("verify", "--data", data, *outside)
    assert caught.returncode == 1
    assert "WRONG: event 17 is not what was recorded there" in caught.stdout


def test_keys_are_rotated_and_listed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    synthetic(data)
    first = done("keys", "make", "--data", data).strip()
    again = duban("keys", "make", "--data", data)
    assert (again.returncode, "[key.exists]" in again.stderr) == (1, True)
    done("log", "checkpoint", "--new", "--data", data)
    ended, second = done("keys", "rotate", "--revoked", "--data", data).splitlines()
    assert ended.startswith("revoked: what it signs beyond")
    assert second != first
    assert second.partition("+")[0] == first.partition("+")[0]
    listed = done("keys", "list", "--data", data).splitlines()
    assert listed[0].startswith(first)
    assert "revoked at" in listed[0]
    assert listed[1] == f"{second}  a log's key, in force"
    wrong = duban("keys", "trust", second, "--data", data)
    assert "[key.kind]" in wrong.stderr
    unknown = duban("keys", "end", witness_of(tmp_path), "--data", data)
    assert "[key.unlisted]" in unknown.stderr
    assert "SOUND" in done("verify", "--data", data)
    assert "made anew from" in done("log", "rebuild", "--data", data)
    absent = duban("verify", "--data", data, "--checkpoint", tmp_path / "none")
    assert "[checkpoint.none]" in absent.stderr


def witness_of(folder: Path) -> str:
    return done("keys", "witness", folder / "w.key", "--name", "court.example").strip()


def _forge(data: Path) -> None:
    with closing(sqlite3.connect(data / "events.sqlite")) as store:
        store.execute("DROP TRIGGER events_are_never_updated")
        store.execute("UPDATE events SET data = CAST('{\"x\":1}' AS BLOB) WHERE pos = 17")
        store.commit()
