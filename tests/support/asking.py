"""Asks a server on this machine over HTTP."""

import socket
from http.client import HTTPConnection

from prometheus_client.parser import text_string_to_metric_families


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def asked(port: int, path: str) -> tuple[int, str]:
    """Status and body; 0 and the reason if nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError as error:
        return 0, str(error)
    finally:
        connection.close()


def metrics(port: int) -> dict[str, float]:
    """What ``/metrics`` says, without the labels; nothing while nobody answers."""
    status, text = asked(port, "/metrics")
    families = text_string_to_metric_families(text) if status == 200 else ()
    return {sample.name: sample.value for family in families for sample in family.samples}
