"""Who may ask what: two accounts, each with a password of its own."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from infra.clickhouse.endpoint.failures import AUTHENTICATION_FAILED, Failure

Role = Literal["analyst", "sink"]
PASSWORDS: Mapping[Role, str] = {
    "analyst": "DUBAN_CLICKHOUSE_ANALYST_PASSWORD",
    "sink": "DUBAN_CLICKHOUSE_SINK_PASSWORD",
}


@dataclass(frozen=True, slots=True)
class Accounts:
    """``made`` are the roles whose passwords nobody gave: they were made for this start."""

    passwords: Mapping[Role, str] = field(repr=False)
    made: tuple[Role, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Accounts":
        given = {role: environment.get(name, "") for role, name in PASSWORDS.items()}
        made = tuple(role for role, password in given.items() if not password)
        return cls({r: p or secrets.token_urlsafe(18) for r, p in given.items()}, made)

    def role(self, headers: Mapping[str, str], params: Mapping[str, str]) -> Role:
        """Whose request it is. Raises ``Failure`` (516): also for nobody's, and in the same words
        for a wrong name as for a wrong password."""
        user, password = _credentials(headers, params)
        found: Role | None = None
        for role, right in self.passwords.items():
            # All are compared, whatever fits: time tells nothing about which names there are.
            fits = hmac.compare_digest(password.encode(), right.encode())
            if hmac.compare_digest(user.encode(), role.encode()) and fits:
                found = role
        if found is None:
            raise Failure(
                AUTHENTICATION_FAILED,
                f"{user or 'default'}: Authentication failed: password is incorrect, or there is "
                "no user with such name",
            )
        return found


def _credentials(headers: Mapping[str, str], params: Mapping[str, str]) -> tuple[str, str]:
    """In the order in which ClickHouse looks for them."""
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "")
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password
    return params.get("user", ""), params.get("password", "")
