"""Where a command listens, and what must be so before others may reach it."""

import ipaddress
import socket

from domain.errors import Refused


def check_host(host: str, insecure: bool) -> None:
    """Raises ``Refused`` (``serve.not_loopback``): without accounts anybody could act."""
    if not (loopback(host) or insecure):
        raise Refused(
            "serve.not_loopback",
            f"{host} can be reached from other machines, and there are no accounts yet: use "
            "127.0.0.1, or say --insecure if the network itself keeps strangers out",
        )


def loopback(host: str) -> bool:
    """Only this machine can reach it."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything is opened so that a busy port costs nothing."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(found[0], socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(found[4])
        listener.listen(256)
    except (OSError, OverflowError) as error:
        raise Refused(
            "serve.port", f"cannot listen on {host}:{port} ({error}): choose another with --port"
        ) from error
    return listener


def shown(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
