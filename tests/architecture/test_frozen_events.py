"""What the log holds today can be read for ever: golden samples and schemas never change.

`python -m tests.architecture.freeze` adds the samples of a new event or a new version.
"""

from pathlib import Path

import msgspec
import pytest

from domain.registry import EVENTS, Registry
from tests.architecture import freeze
from tests.architecture.freeze import (
    MANIFEST,
    Sample,
    expected,
    file_name,
    main,
    manifest,
    present,
)

FROZEN = present()
SAMPLES = sorted(path for path in FROZEN if path.startswith("events/"))
CURRENT = {f"events/{file_name(event)}" for event in EVENTS}
ADD = "run `python -m tests.architecture.freeze`"


def test_every_event_has_a_sample_and_a_schema_of_its_current_version() -> None:
    missing = expected().keys() - FROZEN.keys()
    assert not missing, ADD


def test_every_older_version_has_kept_its_sample() -> None:
    wanted = {
        f"events/{event.NAME}.{version}.json"
        for event in EVENTS
        for version in range(1, event.VERSION + 1)
    }
    assert wanted == set(SAMPLES)


def test_the_frozen_files_are_those_of_the_manifest() -> None:
    assert MANIFEST.read_text(encoding="utf-8") == manifest(FROZEN), ADD


@pytest.mark.parametrize("path", SAMPLES)
def test_a_stored_event_is_read_and_written_again_unchanged(path: str) -> None:
    sample = msgspec.json.decode(FROZEN[path], type=Sample)
    registry = Registry()
    event = registry.decode(sample.topic, bytes(sample.body))
    if path in CURRENT:
        assert registry.topic(event) == sample.topic
        assert registry.encode(event) == bytes(sample.body)
    else:  # lifted by its upcasters into the newest shape, which must hold together
        assert registry.decode(registry.topic(event), registry.encode(event)) == event


@pytest.mark.parametrize("path", sorted(expected()))
def test_the_shape_of_an_event_has_not_changed(path: str) -> None:
    assert expected()[path] == FROZEN.get(path), (
        "a released event never changes: give it a new VERSION and an upcaster"
    )


def test_freezing_again_changes_nothing() -> None:
    assert main([]).startswith("0 written")
    assert present() == FROZEN


def test_a_frozen_sample_is_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "schemas/case.filed.1.json"
    (tmp_path / path).parent.mkdir()
    (tmp_path / path).write_text("{}")
    monkeypatch.setattr(freeze, "GOLDEN", tmp_path)
    monkeypatch.setattr(freeze, "MANIFEST", tmp_path / "MANIFEST.sha256")
    with pytest.raises(SystemExit, match=r"case\.filed\.1\.json: frozen"):
        main([])
    assert [each.name for each in tmp_path.glob("**/*.json")] == ["case.filed.1.json"]
