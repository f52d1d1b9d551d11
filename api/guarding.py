"""The gate before every route: which host, which site, how big, and the headers on every answer."""

import re
from collections.abc import Sequence
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from domain.errors import Forbidden, Invalid, Refused

LOOPBACK = ("localhost",)
LARGEST_BODY = 1 << 20
# Files of evidence are written to disk as they come in.
LARGEST_UPLOAD = 120 << 20
UPLOADS = re.compile(r"/(api/v1|do)/cases/[^/]+/evidence")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PROGRAMMES = "/api/v1/"

# Attributes may carry styles because chart tooltips do; elements and files may not.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Gate:
    """Wraps the whole application. ``hosts`` are the names it is known by, without a port."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            check(scope["method"], scope["path"], Headers(scope=scope), self._hosts)
        except Refused as refusal:
            await problems.of_refusal(refusal)(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)


def check(method: str, path: str, headers: Headers, hosts: frozenset[str]) -> None:
    host = headers.get("host", "")
    if not is_known(hostname(host), hosts):
        raise Invalid("host.unknown", "this server does not answer under that host name")
    length = headers.get("content-length", "0")
    most = LARGEST_UPLOAD if UPLOADS.fullmatch(path) else LARGEST_BODY
    if not length.isdecimal() or int(length) > most:
        raise Invalid(*problems.ROUTING[413])
    if method not in SAFE_METHODS:
        check_site(path, host, headers)


def check_site(path: str, host: str, headers: Headers) -> None:
    """Only this site's own pages and programmes may change anything. A browser says where it
    comes from in ``Sec-Fetch-Site`` (over plain HTTP only in ``Origin``); a programme says
    neither, and the headers that a command needs cannot be sent across sites unasked."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none")
    elif origin is not None:
        own = origin.partition("://")[2].lower() == host.lower()
    else:
        own = path.startswith(PROGRAMMES)
    if not own:
        raise Forbidden("request.cross_site", "a request from another site may change nothing here")


def is_known(name: str, hosts: frozenset[str]) -> bool:
    """A page elsewhere can give its own name our address (DNS rebinding), but a plain address
    is nobody's name."""
    if name in hosts:
        return True
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def hostname(host: str) -> str:
    """The name in a Host header, lower case and without the port."""
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() else host.lower()
