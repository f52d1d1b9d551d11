"""What goes wrong, in ClickHouse's words, numbers and HTTP statuses."""

import re
from typing import Self

ACCESS_DENIED = (497, "ACCESS_DENIED")
AUTHENTICATION_FAILED = (516, "AUTHENTICATION_FAILED")
BAD_ARGUMENTS = (36, "BAD_ARGUMENTS")
CANNOT_DECOMPRESS = (271, "CANNOT_DECOMPRESS")
NOT_IMPLEMENTED = (48, "NOT_IMPLEMENTED")
READONLY = (164, "READONLY")
SESSION_IS_LOCKED = (373, "SESSION_IS_LOCKED")
SESSION_NOT_FOUND = (372, "SESSION_NOT_FOUND")
SYNTAX_ERROR = (62, "SYNTAX_ERROR")
TOO_MANY = (202, "TOO_MANY_SIMULTANEOUS_QUERIES")
UNRECORDED = (439, "CANNOT_SCHEDULE_TASK")
UNKNOWN_DATABASE = (81, "UNKNOWN_DATABASE")
UNKNOWN_SETTING = (115, "UNKNOWN_SETTING")

# As the server's own table has it; what is not listed is 500.
_STATUSES = {
    400: (6, 25, 26, 27, 36, 38, 41, 42, 44, 53, 62, 69, 72, 117, 166, 167, 168, 190, 321, 376, 427,
          441, 675, 676, 8, 15, 130),
    401: (194,),
    403: (192, 193, 497, 516, 512),
    404: (46, 47, 50, 56, 60, 63, 73, 78, 81, 106, 115, 336, 511),
    408: (159,),
    411: (381,),
    413: (307,),
    501: (48,),
    503: (74, 209, 439, 202),
}  # fmt: skip
_STATUS_OF = {code: status for status, codes in _STATUSES.items() for code in codes}
_SAID = re.compile(r"Code: (\d+)\. DB::Exception: (.*) \(([A-Z0-9_]+)\)", re.DOTALL)
_UNTOLD = (1002, "UNKNOWN_EXCEPTION")


class Failure(Exception):
    """Told to the client as a server would tell it."""

    def __init__(self, kind: tuple[int, str], sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.name = kind
        self.sentence = sentence.removesuffix(".")

    @classmethod
    def told(cls, error: BaseException) -> Self:
        """From what the engine in this process says."""
        if said := _SAID.search(str(error)):
            return cls((int(said[1]), said[3]), said[2])
        return cls(_UNTOLD, str(error).strip() or repr(error))

    @property
    def status(self) -> int:
        return _STATUS_OF.get(self.code, 500)

    def text(self, version: str) -> str:
        return (
            f"Code: {self.code}. DB::Exception: {self.sentence}. ({self.name}) "
            f"(version {version} (official build))\n"
        )
