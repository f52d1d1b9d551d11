"""Notes, keys and checkpoints are those of C2SP: published ones are read, and ours come back."""

import pytest

from domain.errors import Invalid
from infra.transparency.signing import ed25519_signer, verify
from projections.transparency.checkpoints import (
    Checkpoint,
    cosigned,
    proof_file,
    read_checkpoint,
    read_proof_file,
    timed,
    untimed,
)
from projections.transparency.merkle import EMPTY
from projections.transparency.notes import (
    COSIGNATURE,
    ED25519,
    Note,
    Signature,
    parse_key,
    parse_note,
)
from projections.transparency.trust import KeyEntry, Trust

# From the documentation of Go's package note, which C2SP's signed notes come from.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
# The example of C2SP's tlog-cosignature.
C2SP = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2"
    "q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
    "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
LOG = ed25519_signer("city/store", ED25519, bytes(range(32)))
WITNESS = ed25519_signer("audit.example", COSIGNATURE, bytes(range(1, 33)))


def signed(checkpoint: Checkpoint) -> Note:
    text = checkpoint.text
    own = Signature(LOG.key.name, LOG.key.id, LOG.sign(text.encode()))
    at = 1_700_000_000
    other = timed(at, WITNESS.sign(cosigned(text, at)))
    return Note(text, (own, Signature(WITNESS.key.name, WITNESS.key.id, other)))


def test_a_published_note_and_its_key_are_read_and_hold() -> None:
    key, note = parse_key(GO_KEY), parse_note(GO_NOTE)
    (signature,) = note.signatures
    assert signature.by(key)
    assert verify(key.public, signature.bytes, note.text.encode())
    assert not verify(key.public, signature.bytes, note.text.replace("you", "we").encode())
    assert (str(key), str(note)) == (GO_KEY, GO_NOTE)


def test_another_log_s_published_key_is_read() -> None:
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(parse_key(text)) == text


def test_a_published_cosigned_checkpoint_is_read() -> None:
    note, checkpoint = read_checkpoint(C2SP)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert (checkpoint.text, str(note)) == (note.text, C2SP)
    told = untimed(note.signatures[1])
    assert told is not None
    assert told[0] == 1679315147  # 20 March 2023, when the page was written


def test_signatures_hold_for_every_byte_of_the_text() -> None:
    checkpoint = Checkpoint("city/store", 7, EMPTY)
    note = signed(checkpoint)
    trust = Trust([KeyEntry(str(LOG.key), 0), KeyEntry(str(WITNESS.key), 0)], verify)
    assert trust.signed(note, checkpoint)
    assert trust.cosigners(note, checkpoint) == [WITNESS.key]
    assert not list(trust.problems(note, checkpoint))
    for at in range(len(note.text) - 1):
        changed = note.text[:at] + chr(ord(note.text[at]) ^ 1) + note.text[at + 1 :]
        altered = Note(changed, note.signatures)
        assert not trust.signed(altered, checkpoint)
        assert not trust.cosigners(altered, checkpoint)


def test_strangers_signatures_say_nothing_and_forged_ones_are_named() -> None:
    checkpoint = Checkpoint("city/store", 7, EMPTY)
    note = signed(checkpoint)
    log_alone = Trust([KeyEntry(str(LOG.key), 0)], verify)
    assert log_alone.signed(note, checkpoint)
    assert not log_alone.cosigners(note, checkpoint)
    forged = Note(note.text, (Signature(LOG.key.name, LOG.key.id, bytes(64)),))
    assert list(log_alone.problems(forged, checkpoint)) == [
        "does not match the signature of city/store below it"
    ]
    bare = Note(note.text, note.signatures[1:])
    assert list(log_alone.problems(bare, checkpoint)) == ["is not signed by a key of this log"]
    foreign = Checkpoint("town/other", 7, EMPTY)
    (told,) = log_alone.problems(signed(foreign), foreign)
    assert told == "is of another log (town/other), not of city/store"


@pytest.mark.parametrize("how", ["rotated", "revoked"])
def test_what_a_key_signs_after_its_end_does_not_count(how: str) -> None:
    over = KeyEntry(str(LOG.key), 2, "rotated" if how == "rotated" else "revoked", 7)
    trust = Trust([KeyEntry(str(LOG.key), 1), over], verify)
    before, after = Checkpoint("city/store", 7, EMPTY), Checkpoint("city/store", 8, EMPTY)
    assert trust.signed(signed(before), before)
    assert not trust.signed(signed(after), after)
    (told,) = trust.problems(signed(after), after)
    assert told == f"is signed with a key of city/store that was {how} at 7 events"
    assert trust.keys(ED25519) == []


@pytest.mark.parametrize(
    "text",
    [
        "", "no note", GO_NOTE[:-1], GO_NOTE[:-30], GO_NOTE.replace("\n\n", "\n"),
        GO_NOTE.replace("— ", "- "), GO_NOTE.replace("x08go", "x08g"), GO_NOTE + "more\n",
        "a\x07b\n" + GO_NOTE, GO_NOTE * 2000,
    ],
)  # fmt: skip
def test_half_a_note_is_none(text: str) -> None:
    with pytest.raises(Invalid, match="whole signed note") as refused:
        parse_note(text)
    assert refused.value.code == "note.unreadable"


@pytest.mark.parametrize("lines", ["o\n", "o\n1\n", "o\n01\nAAAA\n", "o\n1\nAAAA\n", "o\n-1\nx\n"])
def test_a_note_that_is_no_checkpoint_is_refused(lines: str) -> None:
    with pytest.raises(Invalid, match="no checkpoint"):
        read_checkpoint(GO_NOTE.replace(GO_NOTE.partition("\n\n")[0] + "\n", lines))


@pytest.mark.parametrize(
    "text",
    ["", "a+b", GO_KEY[:-4], GO_KEY.replace("c74f", "c74e"), GO_KEY.replace("Peter", "Paul"),
     "a b+00000000+AAAA", "x+00000000+" + "A" * 44],
)  # fmt: skip
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_key(text)
    assert refused.value.code == "key.unreadable"


def test_a_proof_file_comes_back_as_it_went() -> None:
    text = proof_file(4, [EMPTY, EMPTY[::-1]], C2SP)
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 4\n")
    assert read_proof_file(text) == (4, [EMPTY, EMPTY[::-1]], C2SP)
    for cut in (text.replace("@v1", "@v9"), text[:40], text.replace("index 4", "index x")):
        with pytest.raises(Invalid) as refused:
            read_proof_file(cut)
        assert refused.value.code == "proof.unreadable"
