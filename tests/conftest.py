"""What every test gets: a fixed Hypothesis profile, no way out to a network, and one browser."""

import os
import shutil
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from tests.support.kafka import kafka as kafka
from tests.support.kafka import kafka_of_three as kafka_of_three
from tests.support.kafka import topics as topics
from tests.support.postgres import postgres as postgres
from tests.support.postgres import postgres_cluster as postgres_cluster

# Deadlines measure the machine, not the code; the same examples on every run keep CI repeatable.
settings.register_profile("duban", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("duban")


def _stay_on_this_machine(event: str, args: tuple[Any, ...]) -> None:
    """The product works without an outside network, so nothing under test may look for one."""
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise PermissionError(f"a test tried to reach {host}: tests stay on this machine")


sys.addaudithook(_stay_on_this_machine)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows the figures that tests give with ``record_property``."""
    for report in terminalreporter.stats.get("passed", ()):
        for figure, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {figure} {value}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless; ``browser.new_page()`` gives a page of its own."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing: run the tests with `make test`, which installs it")
    # Chromium refuses its sandbox to root, which is who runs tests in a container.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()
