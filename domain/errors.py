"""The one way the domain says no: a stable code and a sentence that says what to do instead."""


class Refused(Exception):
    """A request that cannot be granted. ``code`` is stable and meant for programs
    (``case.not_claimed``), ``message`` for people; nothing was changed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Invalid(Refused):
    """What was sent cannot be read or makes no sense by itself."""


class NotFound(Refused):
    """The thing named does not exist."""


class Forbidden(Refused):
    """This actor may not do this."""


class Conflict(Refused):
    """Somebody else was faster, or the same key was used for something else."""
