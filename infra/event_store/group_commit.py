"""Many callers, one fsync: whoever finds nobody committing commits for all who wait."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition, Lock

from domain.errors import Conflict, Refused
from domain.messages import Appended
from infra.event_store.plan import Write

_GROUP_LIMIT = 4096

Answers = list[Appended | Conflict]


class _Ticket:
    """One caller's appends; ``gate`` opens when they are answered or when it is to lead."""

    __slots__ = ("answers", "error", "gate", "leads", "writes")

    def __init__(self, writes: Sequence[Write]) -> None:
        self.writes = writes
        self.gate = Lock()
        self.gate.acquire()
        self.leads = False
        self.answers: Answers | None = None
        self.error: BaseException | None = None


class GroupCommit:
    """A caller alone commits in its own thread, without any hand-over. A caller that comes while
    another commits waits in line; all in line are committed together, led by the first of them.
    """

    def __init__(self, commit: Callable[[Sequence[Write]], Answers]) -> None:
        self._commit = commit
        self._line: deque[_Ticket] = deque()
        self._turn = Condition(Lock())
        self._led = False
        self._closed = False

    def submit(self, writes: Sequence[Write]) -> Answers:
        ticket = _Ticket(writes)
        try:
            # Not asked of the ticket again: the lead may be handed to it at any moment, and a gate
            # opened for it must be gone through.
            if not self._join(ticket):
                ticket.gate.acquire()
            if ticket.leads:
                self._lead()
        except BaseException:
            self._leave(ticket)
            raise
        if ticket.answers is None:
            raise _own(ticket.error) from ticket.error
        return ticket.answers

    def close(self) -> None:
        """Lets those in line be committed, then refuses everybody."""
        with self._turn:
            self._closed = True
            self._turn.wait_for(lambda: not self._led)

    def _join(self, ticket: _Ticket) -> bool:
        """True for one that found nobody committing, and leads."""
        with self._turn:
            if self._closed:
                raise Refused("store.closed", "the event store is closed")
            self._line.append(ticket)
            leads = ticket.leads = not self._led
            self._led = True
            return leads

    def _leave(self, ticket: _Ticket) -> None:
        """Interrupted while waiting: what is not being committed yet must not be, and a lead just
        received must be passed on."""
        with self._turn:
            if ticket not in self._line:
                return
            self._line.remove(ticket)
        if ticket.leads:
            self._pass_on()

    def _lead(self) -> None:
        group: list[_Ticket] = []
        try:
            self._take_group(group)
            self._answer(group)
        finally:
            self._pass_on()
            for ticket in group:
                ticket.gate.release()

    def _take_group(self, group: list[_Ticket]) -> None:
        with self._turn:
            size = 0
            while self._line and (not group or size + len(self._line[0].writes) <= _GROUP_LIMIT):
                group.append(self._line.popleft())
                size += len(group[-1].writes)

    def _answer(self, group: list[_Ticket]) -> None:
        try:
            answers = self._commit([write for ticket in group for write in ticket.writes])
        except BaseException as error:
            for ticket in group:
                ticket.error = error
            if not isinstance(error, Exception):
                raise
            return
        start = 0
        for ticket in group:
            ticket.answers = answers[start : start + len(ticket.writes)]
            start += len(ticket.writes)

    def _pass_on(self) -> None:
        with self._turn:
            if self._line:
                self._line[0].leads = True
                self._line[0].gate.release()
            else:
                self._led = False
                self._turn.notify_all()


def _own(error: BaseException | None) -> BaseException:
    """The same failure for every caller, as an object of its own: a traceback is one thread's."""
    if isinstance(error, Refused):
        return type(error)(error.code, error.message)
    return RuntimeError(f"the append failed together with others: {error!r}")
