"""The lines of a text file, plain or compressed, never holding more of it than one usable line."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from domain.errors import Invalid, NotFound

LONGEST = 1 << 20
BEGINNING = 80
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """One line as bytes without its end. Of a line longer than LONGEST only the beginning is
    kept. ``offset`` is where it begins, counted from 0 in the uncompressed file."""

    number: int
    offset: int
    content: bytes
    too_long: bool = False


def read_lines(path: Path) -> Iterator[Line]:
    """Raises ``Invalid`` (``import.corrupt``, ``import.encoding``) and ``NotFound``."""
    with opened(path) as stream:
        number, offset = 0, 0
        while content := stream.readline(LONGEST + 1):
            number += 1
            start, offset = offset, offset + len(content)
            if number == 1:
                _check_beginning(path, content)
                if content.startswith(BOM):
                    content, start = content.removeprefix(BOM), len(BOM)
            too_long = len(content) > LONGEST and not content.endswith(b"\n")
            if too_long:
                content = content[:BEGINNING]
                while rest := stream.readline(LONGEST):
                    offset += len(rest)
                    if rest.endswith(b"\n"):
                        break
            yield Line(number, start, content.rstrip(b"\r\n"), too_long)


def text_of(path: Path, line: Line, encoding: str) -> str:
    """Raises ``Invalid`` (``import.encoding``): what cannot be read here may be wrong anywhere."""
    try:
        return line.content.decode(encoding)
    except UnicodeDecodeError as error:
        place = line.offset + error.start
        raise Invalid(
            "import.encoding",
            f"{path.name} is not {encoding}: line {line.number} has the byte "
            f"0x{line.content[error.start]:02x} at byte {place} of the file; name the right "
            "encoding in the mapping, or save the file as UTF-8",
        ) from None


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as compressed:
                yield cast(BinaryIO, compressed)
        else:
            with path.open("rb") as stream:
                yield stream
    except FileNotFoundError:
        raise NotFound("import.no_file", f"there is no file {path}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Invalid(
            "import.corrupt", f"{path.name} is not a whole gzip file ({error}): fetch it again"
        ) from error
    except OSError as error:
        raise Invalid("import.unreadable", f"{path} cannot be read: {error.strerror}") from error


def _check_beginning(path: Path, content: bytes) -> None:
    if content.startswith(UTF_16):
        raise Invalid(
            "import.encoding", f"{path.name} is UTF-16: save it as UTF-8, or as a workbook (.xlsx)"
        )
    if content.startswith(b"\x1f\x8b"):
        raise Invalid("import.corrupt", f"{path.name} is compressed: rename it to {path.name}.gz")
