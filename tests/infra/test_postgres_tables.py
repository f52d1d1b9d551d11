"""Tables made from the store in PostgreSQL are those made from the city's file, row for row."""

from pathlib import Path

import pytest

from infra.event_store.postgres.copying import copy_store
from infra.event_store.postgres.shares import PostgresAddress
from infra.settings import Settings
from infra.verifying import verify
from tests.support.cities import opened, synthetic

pytestmark = pytest.mark.services


@pytest.mark.parametrize("least", [0, 1_000_000], ids=["in workers", "here"])
def test_a_copied_city_makes_the_same_tables(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr("infra.clickhouse.rebuilding.WORTH_WORKERS", least)
    data = tmp_path / "data"
    synthetic(data)
    copy_store(Settings(data_dir=data, postgres=postgres))
    with opened(data) as runtime:
        runtime.follower.stop()
        engine, published = runtime.engine, runtime.store.load_kind("ranking")
        until = runtime.store.last_position()
        findings = verify(engine, PostgresAddress(postgres), until, published)
    assert findings.sound, findings.lines()
    assert findings.events == until > 0
    assert sum(rows for _, rows in findings.compared) > until
