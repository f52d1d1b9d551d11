"""The data files that come with the program: policies, working calendars."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import yaml

from domain.calendar import Calendars, read_calendar
from domain.errors import NotFound
from domain.policies.loading import load
from domain.policies.references import in_order

SCORING = "scoring.yaml"

# Which working calendar a time zone brings with it; elsewhere weekends rest and nothing is known
# of holidays.
CALENDARS = {"Asia/Shanghai": "china", "Asia/Urumqi": "china"}


def presets() -> list[str]:
    """The cities whose policies are bundled, by name."""
    return sorted(folder.name for folder in _presets().iterdir() if folder.is_dir())


def preset_folder(name: str) -> dict[str, str]:
    """The policies of a bundled city: file name → text, in the order to adopt them in. Raises
    ``NotFound`` (``policy.no_preset``) naming all."""
    folder = _presets() / name
    if name not in presets():
        raise NotFound(
            "policy.no_preset",
            f"no policies of {name!r} are bundled; there are {', '.join(presets())}",
        )
    files = (file for file in folder.iterdir() if file.name.endswith(".yaml"))
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    by_policy = {load(text): file for file, text in sorted(texts.items())}
    return {by_policy[each]: texts[by_policy[each]] for each in in_order(list(by_policy))}


def preset(name: str) -> str:
    """The text of a bundled city's scoring policy. Raises ``NotFound`` (``policy.no_preset``)."""
    found = preset_folder(name)
    if SCORING not in found:
        raise NotFound(
            "policy.no_preset",
            f"the policies of {name!r} have no {SCORING}: there are {', '.join(found)}",
        )
    return found[SCORING]


def _presets() -> Traversable:
    return resources.files("domain.policies") / "presets"


@cache
def calendars_for(time_zone: str) -> Calendars:
    """The working calendars of a city in this time zone (an IANA name)."""
    name = CALENDARS.get(time_zone, "plain")
    file = resources.files("domain") / "calendars" / f"{name}.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Calendars([read_calendar(content, time_zone)])
