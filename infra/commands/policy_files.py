"""Where ``duban policy`` finds policies: in files, in a city's folder, in a city's log."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from domain.errors import Invalid
from domain.policies.events import PolicyAdopted
from infra.settings import Settings
from infra.stores import open_store, require_city

ENDINGS = (".yaml", ".yml")


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files themselves, and those of the folders. Raises ``Invalid`` for an empty folder."""
    return list(dict.fromkeys(file for path in paths for file in _files(path)))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
    if not found:
        raise Invalid("policy.no_files", f"there is no .yaml file in {path}: name another folder")
    yield from found


def text_of(path: Path) -> str:
    """Raises ``Invalid`` when the file cannot be read as text."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid("policy.unreadable", f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Invalid(
            "policy.encoding", f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8"
        ) from error


def adopted_in(settings: Settings) -> list[PolicyAdopted]:
    """All that the city adopted, oldest first; reading only, so a served city may be asked too.
    Raises ``NotFound`` (``data.none``)."""
    require_city(settings)
    with closing(open_store(settings)) as store:
        events = [envelope.event for envelope in store.load_kind("policy")]
    return [event for event in events if isinstance(event, PolicyAdopted)]
