"""Nothing here needs the internet: neither a page in the browser nor a test."""

import re
import socket

import pytest

from tests.architecture.sources import ROOT, VENDOR, tracked

OUTSIDE = re.compile(
    r"""(\b(src|srcset|href|action|data-src)\s*=\s*["']?|url\(\s*["']?|@import\s+["']"""
    r"""|\b(fetch|import|EventSource|WebSocket)\(\s*["'`])(https?:|wss?:)?//""",
    re.IGNORECASE,
)
PAGES = (".html", ".css", ".js", ".svg", ".webmanifest")


def test_no_page_loads_anything_from_elsewhere() -> None:
    wrong = [
        f"{path}: {found.group(0)}"
        for path in tracked()
        if path.startswith("api/") and path.endswith(PAGES) and not path.startswith(VENDOR)
        for found in OUTSIDE.finditer((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not wrong


@pytest.mark.parametrize(
    "line", ['<script src="//cdn.example/x.js">', "fetch('https://a.example')"]
)
def test_the_search_for_outside_addresses_finds_them(line: str) -> None:
    assert OUTSIDE.search(line)


def test_a_test_cannot_reach_another_machine() -> None:
    with pytest.raises(PermissionError, match="tests stay on this machine"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
