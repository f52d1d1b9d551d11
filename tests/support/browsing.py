"""What a page does that it should not."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Route


def watched(context: BrowserContext, address: str) -> list[str]:
    """What pages complain about or ask of others; a form that is refused may say so."""
    wrong: list[str] = []
    context.set_default_timeout(15_000)

    def only_from_here(route: Route) -> None:
        if urlsplit(route.request.url).netloc != urlsplit(address).netloc:
            wrong.append(f"asks elsewhere: {route.request.url}")
        route.continue_()

    def said(message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(message.text)

    context.route("**/*", only_from_here)
    context.on("console", said)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    return wrong
