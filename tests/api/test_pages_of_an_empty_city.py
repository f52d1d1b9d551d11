"""Before anything is recorded the pages open too, and say what to do."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

LISTS = (
    "/", "/rankings", "/rankings/entries?unit=x", "/cases", "/units", "/inspections", "/board",
    "/desk", "/slips", "/money", "/lists", "/accountability", "/appeals", "/indicators",
    "/policies",
)  # fmt: skip


@pytest.fixture(scope="module")
def empty(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", LISTS)
def test_every_list_is_empty_and_open(empty: TestClient, path: str, language: str) -> None:
    answer = empty.get(path, headers={"Cookie": f"lang={language}"})
    assert answer.status_code == 200, answer.text
    assert re.search(r'class="empty"|class="notice"', answer.text)


def test_the_overview_says_how_to_begin(empty: TestClient) -> None:
    page = empty.get("/").text
    assert "duban import" in page
    assert "duban simulate" in page


def test_nothing_is_called_synthetic_that_does_not_exist(empty: TestClient) -> None:
    assert 'class="band"' not in empty.get("/").text


NOWHERE = (
    "/cases/x", "/units/x", "/inspections/x", "/slips/x.1", "/money/x", "/lists/x",
    "/accountability/x", "/appeals/x", "/rankings?ranking=x:2026:all", "/policies/x",
    "/do/nothing", "/indicators/cases?count=closed",
)  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_what_does_not_exist_is_not_found(empty: TestClient, path: str) -> None:
    assert empty.get(path).status_code == 404
