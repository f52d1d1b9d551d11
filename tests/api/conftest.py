"""A city of its own for every module of tests: real store, real engine, reached over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from infra.bundled import preset
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from tests.api.caller import Caller

UNITS: tuple[dict[str, Any], ...] = (
    {"unit_id": "city", "name": "榕江市", "kind": "city", "timezone": "Asia/Shanghai"},
    {"unit_id": "east", "name": "东湖区", "kind": "district", "parent": "city"},
    {"unit_id": "west", "name": "西山区", "kind": "district", "parent": "city"},
    {"unit_id": "lake", "name": "湖滨街道", "kind": "street", "parent": "east"},
    {"unit_id": "hill", "name": "山脚街道", "kind": "street", "parent": "west"},
    {"unit_id": "lake-1", "name": "湖滨一格", "kind": "grid", "parent": "lake"},
    {"unit_id": "works", "name": "城市管理局", "kind": "department", "parent": "city"},
    {
        "unit_id": "sweepers",
        "name": "洁净公司",
        "kind": "company",
        "parent": "lake",
        "line": "works",
    },
)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder: Path = tmp_path_factory.mktemp("city")
    opened = embedded(Settings(data_dir=folder))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def app(runtime: Runtime) -> FastAPI:
    return create_app(runtime.services)


@pytest.fixture(scope="module")
def api(app: FastAPI) -> Iterator[Caller]:
    """A city with its units and the default policy, and nothing that has happened yet."""
    with TestClient(app, base_url="http://127.0.0.1") as client:
        caller = Caller(client)
        caller.done("/policies", {"body": preset("default"), "occurred_at": "2020-01-01T00:00:00Z"})
        for unit in UNITS:
            caller.done("/units", {"code": unit["unit_id"], "peer_group": unit["kind"], **unit})
        yield caller
