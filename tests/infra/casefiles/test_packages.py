"""What is in a package, that it is the same every time, and that anybody can verify it."""

import io
import json
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from domain.errors import Invalid, NotFound, Refused
from domain.moments import Then
from infra.casefiles import papers
from infra.casefiles.container import replacing
from infra.casefiles.verify import climbed, is_consistent
from infra.runtime import Runtime
from projections.packages import Order
from projections.transparency.merkle import leaf_hash
from projections.transparency.tiles import MemoryTiles, TiledTree
from tests.support.packages import busiest, codes, files_in, log_key, packed, witnessed_city
from tests.support.signed_logs import WITNESS

PAPERS = ["README.txt", "verify.py", "timeline.html", "timeline.pdf"]
PROOF = [
    "events.leaves", "events.jsonl", "proofs.txt", "checkpoint.txt", "history.txt", "keys.txt",
]  # fmt: skip


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    with witnessed_city(tmp_path_factory.mktemp("city")) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def case(city: Runtime) -> str:
    return busiest(city)


def test_a_case_comes_with_all_that_proves_it(city: Runtime, case: str) -> None:
    files = files_in(packed(city, "case", case))
    names = list(files)
    assert names[: len(PAPERS + PROOF)] == PAPERS + PROOF
    assert names[-2:] == ["manifest.json", "seal.txt"]
    assert all(name.startswith("policies/") for name in names[len(PAPERS + PROOF) : -2])
    told = json.loads(files["manifest.json"])
    stored = city.store.load(f"case-{case}")
    assert f"case-{case}" in told["whole"]
    lines = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    mine = [line for line in lines if line["stream"] == f"case-{case}"]
    assert [line["position"] for line in mine] == [envelope.position for envelope in stored]
    assert told["events"] == len(lines) == len(files["proofs.txt"].splitlines())
    for name, data in files.items():
        if name.startswith("policies/"):
            assert name == f"policies/{sha256(data).hexdigest()}.yaml"


def test_the_same_content_is_the_same_bytes(city: Runtime, case: str) -> None:
    once, again = packed(city, "case", case), packed(city, "case", case)
    assert once == again


@pytest.mark.parametrize("kind", ["unit", "person"])
def test_units_and_persons_are_packed_as_well(kind: Any, city: Runtime) -> None:
    who = city.store.load(f"case-{busiest(city)}")[0].actor
    key = who if kind == "person" else busiest(city, "unit")
    package = packed(city, kind, key)
    assert codes(package, [log_key(city)], [str(WITNESS.key)]) == []
    assert json.loads(files_in(package)["manifest.json"])["kind"] == kind


def test_as_of_leaves_out_what_was_not_known_yet(city: Runtime, case: str) -> None:
    stored = city.store.load(f"case-{case}")
    for known in (1, len(stored) // 2, len(stored)):
        then = Then(as_of=stored[known - 1].recorded_at)
        package = packed(city, "case", case, then=then)
        assert codes(package, [log_key(city)]) == []
        lines = files_in(package)["events.jsonl"].splitlines()
        mine = [line for line in map(json.loads, lines) if line["stream"] == f"case-{case}"]
        assert len(mine) >= known
        assert all(e.recorded_at <= then.as_of for e in stored[: len(mine)] if then.as_of)
    with pytest.raises(Invalid) as refused:
        packed(city, "case", case, then=Then(as_of=stored[0].recorded_at - timedelta(days=4000)))
    assert refused.value.code == "as_of.before_first"


@pytest.mark.parametrize("kind", ["case", "unit", "person", "ranking", "referral"])
def test_what_is_not_there_is_not_packed(kind: Any, city: Runtime) -> None:
    with pytest.raises(NotFound) as refused:
        packed(city, kind, "nobody")
    assert refused.value.code.endswith(".unknown")


def test_a_city_without_a_key_packs_nothing(city: Runtime, case: str) -> None:
    key = city.settings.key_file
    aside = key.with_suffix(".aside")
    key.rename(aside)
    try:
        with pytest.raises(Refused, match="duban keys make") as refused:
            packed(city, "case", case)
        assert refused.value.code == "key.none"
    finally:
        aside.rename(key)


def test_the_page_needs_nothing_else(city: Runtime, case: str) -> None:
    page = files_in(packed(city, "case", case))["timeline.html"].decode()
    assert "示例市督查考核" in page
    assert "不能证明的" in page
    assert not re.search(r"<script|<link|@import|url\(|https?://", page)
    english = files_in(packed(city, "case", case, language="en"))["timeline.html"].decode()
    assert "Not proven" in english


def test_the_document_is_archival_pdf_with_page_numbers(city: Runtime, case: str) -> None:
    pdf = files_in(packed(city, "case", case))["timeline.pdf"]
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    texts = b"".join(zlib.decompressobj().decompress(part) for part in parts if part[:1] == b"\x78")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf + texts)) >= 2


def test_without_chinese_fonts_the_package_to_install_is_named() -> None:
    with pytest.raises(Refused, match="fonts-noto-cjk") as refused:
        papers.check_fonts(frozenset({"DejaVu Sans", "Libertinus Serif"}))
    assert refused.value.code == "package.no_font"
    papers.check_fonts(frozenset({"Noto Serif CJK SC", "Noto Sans CJK SC"}))


def test_a_package_that_fails_leaves_the_old_one_and_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(b"the old one")
    with pytest.raises(KeyboardInterrupt), replacing(path) as file:
        _interrupted(file)
    assert path.read_bytes() == b"the old one"
    assert [each.name for each in tmp_path.iterdir()] == ["case.zip"]
    with pytest.raises(Refused) as refused, replacing(tmp_path / "no" / "such" / "case.zip"):
        pass
    assert refused.value.code == "package.unwritable"


def _interrupted(file: BinaryIO) -> None:
    file.write(b"half of a new one")
    raise KeyboardInterrupt


def test_progress_goes_on_to_the_end(city: Runtime, case: str) -> None:
    told: list[tuple[int, int]] = []
    order = Order("case", case)
    city.services.packages.pack(order, io.BytesIO(), lambda done, of: told.append((done, of)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_the_verifier_inside_runs_by_itself(city: Runtime, case: str, tmp_path: Path) -> None:
    """In a bare interpreter that knows nothing of the project, in a directory of its own."""
    package = packed(city, "case", case)
    inside = files_in(package)["verify.py"]
    assert len(inside.decode().splitlines()) < 300
    (tmp_path / "verify.py").write_bytes(inside)
    (tmp_path / "case.zip").write_bytes(package)
    (tmp_path / "trust.txt").write_text(f"{log_key(city)}  a log's key, in force\n")

    def ran(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", "verify.py", "case.zip", *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        assert done.stderr == ""
        return done.returncode, done.stdout

    assert ran("--key", log_key(city), "--witness-key", str(WITNESS.key))[0] == 0
    assert ran("--trust", "trust.txt")[1].startswith(f"SOUND: case {case}, ")
    assert ran()[1].endswith("[key.none]\n")
    assert ran("--key", "nonsense")[1].endswith("[key.unreadable]\n")
    (tmp_path / "case.zip").write_bytes(package[:-1])
    assert ran("--trust", "trust.txt") == (
        1,
        "WRONG: the package is half-written or was cut off: get it anew [package.cut_off]\n",
    )
    assert ran("--trust", "no such file")[1].endswith("[file.unreadable]\n")


def test_the_verifier_needs_the_standard_library_and_cryptography_alone() -> None:
    source = (Path(papers.__file__).parent / "verify.py").read_text("utf-8")
    roots = {name.split(".")[0] for name in re.findall(r"^(?:from|import) ([\w.]+)", source, re.M)}
    assert roots - sys.stdlib_module_names == {"cryptography"}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 100, 256, 257])
def test_the_verifier_checks_proofs_as_the_tree_makes_them(size: int) -> None:
    """The tree itself is held against the published vectors of RFC 6962 elsewhere."""
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    tree = TiledTree(MemoryTiles(leaves), size)
    for index in range(size):
        proof = tree.inclusion(index, size)
        assert climbed(index, size - 1, [leaves[index]], proof) == [tree.root()]
        assert climbed(index, size - 1, [leaf_hash(b"x")], proof) != [tree.root()]
        if size > 1:
            assert climbed((index + 1) % size, size - 1, [leaves[index]], proof) != [tree.root()]
            assert climbed(index, size - 1, [leaves[index]], proof[:-1]) != [tree.root()]
        assert climbed(index, size - 1, [leaves[index]], [*proof, bytes(32)]) != [tree.root()]
    assert climbed(-1, size - 1, leaves[:1], tree.inclusion(0, size)) != [tree.root()]
    for old in range(1, size + 1):
        proof, before = tree.consistency(old, size), tree.root(old)
        assert is_consistent(old, size, before, tree.root(), proof)
        assert not is_consistent(old, size, bytes(32), tree.root(), proof)
        assert not is_consistent(old, size, before, bytes(32), proof)
        assert not is_consistent(old, size, before, tree.root(), [*proof, bytes(32)])


def test_who_the_pseudonyms_are_is_in_a_part_of_its_own(city: Runtime, case: str) -> None:
    assert "persons.json" not in files_in(packed(city, "case", case))
    package = packed(city, "case", case, persons=True)
    assert json.loads(files_in(package)["persons.json"]) == {}
    said = {"name": "张三", "phone": "13800138000"}
    person, _ = city.services.persons.register("clerk", "cli:p1", "citizen", "举报人", said)
    city.catch_up()
    package = packed(city, "person", person, persons=True)
    assert json.loads(files_in(package)["persons.json"]) == {person: said}
    assert codes(package, [log_key(city)]) == []
    bare = packed(city, "person", person)
    for secret in said.values():
        assert secret.encode() not in bare
    city.services.persons.forget("clerk", "cli:p2", person, "依申请删除")
    city.catch_up()
    forgotten = packed(city, "person", person, persons=True)
    assert json.loads(files_in(forgotten)["persons.json"]) == {person: {"erased": True}}
    assert codes(package, [log_key(city)]) == codes(forgotten, [log_key(city)]) == []
