"""The data files that come with the program: policies, working calendars."""

from functools import cache
from importlib import resources

import yaml

from domain.calendar import Calendars, read_calendar
from domain.errors import NotFound

# Which working calendar a time zone brings with it; elsewhere weekends rest and nothing is known
# of holidays.
CALENDARS = {"Asia/Shanghai": "china", "Asia/Urumqi": "china"}


def preset(name: str) -> str:
    """The text of a bundled policy. Raises ``NotFound`` (``policy.no_preset``) naming all."""
    folder = resources.files("domain.policies") / "presets"
    file = folder / f"{name}.yaml"
    if not file.is_file():
        known = sorted(p.name.removesuffix(".yaml") for p in folder.iterdir())
        raise NotFound(
            "policy.no_preset", f"no policy {name!r} is bundled; there are {', '.join(known)}"
        )
    return file.read_text(encoding="utf-8")


@cache
def calendars_for(time_zone: str) -> Calendars:
    """The working calendars of a city in this time zone (an IANA name)."""
    name = CALENDARS.get(time_zone, "plain")
    file = resources.files("domain") / "calendars" / f"{name}.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Calendars([read_calendar(content, time_zone)])
