"""What can be asked of units."""

from typing import ClassVar

from pydantic import Field

from domain.messages import Command
from domain.units.events import UnitKind


class UnitCommand(Command):
    STREAM: ClassVar[str] = "unit"

    unit_id: str = Field(min_length=1, max_length=100, description="id of the unit")

    @property
    def stream_key(self) -> str:
        return self.unit_id


class RegisterUnit(UnitCommand):
    """Enter a unit into the register. ``parent`` is required for all but the city."""

    NAME: ClassVar[str] = "unit.register"

    code: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=300)
    kind: UnitKind
    parent: str = ""
    line: str = ""
    peer_group: str = ""
    address: str = ""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    timezone: str = Field(default="", description="IANA name; the city's alone, required there")
    language: str = ""


class ChangeUnit(UnitCommand):
    """Say what is different now; what is left out stays."""

    NAME: ClassVar[str] = "unit.change"

    name: str | None = Field(default=None, min_length=1, max_length=300)
    peer_group: str | None = None
    address: str | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class MoveUnit(UnitCommand):
    """Hang the unit under other nodes from now on."""

    NAME: ClassVar[str] = "unit.move"

    parent: str = Field(min_length=1)
    line: str = ""


class RetireUnit(UnitCommand):
    """Take the unit out of service; its history stays."""

    NAME: ClassVar[str] = "unit.retire"

    reason: str = Field(min_length=1, max_length=2000)


COMMANDS = (RegisterUnit, ChangeUnit, MoveUnit, RetireUnit)
