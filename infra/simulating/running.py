"""Runs a made-up city through the real deciders, in simulated time, oldest step first."""

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.services import Services
from domain.calendar import Calendars
from domain.cases.commands import ReportCase
from domain.deciding import Desk
from domain.errors import Refused
from domain.messages import Command
from domain.policies.commands import AdoptPolicy
from domain.requests import Request
from infra.bundled import preset_folder
from infra.clocks import SimulatedClock
from infra.simulating.life import Step, covert_check, problem
from infra.simulating.offices import Offices
from infra.simulating.territory import CAUSE, Territory, found

CASES_PER_DAY = 120
# Facts reach the store in bundles, as from phones that send when they have a signal.
BUNDLE = timedelta(minutes=10)
MORNING = timedelta(hours=9)  # after the midnight of Shanghai that a day begins with


@dataclass(frozen=True, slots=True)
class Simulated:
    steps: int
    cases: int
    first_day: datetime
    last_moment: datetime


def simulate(
    services: Services,
    react: Callable[[], None],
    clock: SimulatedClock,
    name: str,
    days: int,
    seed: int,
    end: datetime,
    progress: Callable[[int, int], None],
) -> Simulated:
    """``days`` days that end at ``end`` (UTC), under the policies of the general sample. The same
    seed and end give the same city; steps that would happen after ``end`` have not happened.
    ``react`` returns once everything is there that follows by rule; ``progress`` gets days done
    and days."""
    desk, rng = services.desk, random.Random(seed)
    start = (end - timedelta(days=days)).replace(hour=16, minute=0, second=0, microsecond=0)
    clock.move_to(start)
    where = _founded(desk, name, start, seed, rng)
    offices = Offices(services, react, where.care, random.Random(seed))
    lives = _lives(where, desk.standing.calendars, start, days, rng)
    steps = cases = 0
    morning = start + MORNING
    for bundle_end, bundle in _bundles(lives, end):
        while morning <= bundle[0][0]:
            clock.move_to(max(morning, clock.now()))
            offices.morning(clock.now())
            morning += timedelta(days=1)
        clock.move_to(min(bundle_end, end))
        groups = [
            ([Request(command, actor, at, CAUSE)], f"simulate/{seed}/{number}")
            for number, (at, actor, command) in enumerate(bundle, start=steps)
        ]
        for answer in desk.handle_all(groups):
            if isinstance(answer, Refused):
                raise answer
        steps += len(bundle)
        cases += sum(isinstance(command, ReportCase) for _, _, command in bundle)
        progress(min(days, (bundle_end - start).days), days)
    react()
    return Simulated(steps, cases, start, end)


def _founded(desk: Desk, name: str, start: datetime, seed: int, rng: random.Random) -> Territory:
    """The city and its rules, before anything happens."""
    units, where = found(name, rng)
    rules = [AdoptPolicy(body=text) for text in preset_folder("default").values()]
    founding: dict[str, Sequence[Command]] = {"policies": rules, "city": units}
    for what, commands in founding.items():
        requests = [Request(command, "simulation", start, CAUSE) for command in commands]
        desk.handle(requests, f"simulate/{seed}/{what}")
    return where


def _lives(
    where: Territory, calendars: Calendars, start: datetime, days: int, rng: random.Random
) -> list[Iterator[Step]]:
    lives: list[Iterator[Step]] = []
    for day in range(days):
        morning = start + timedelta(days=day)
        for number in range(round(rng.gauss(CASES_PER_DAY, CASES_PER_DAY * 0.12))):
            at = morning + timedelta(hours=min(23.9, max(0.0, rng.gauss(14, 4))))
            case_id = f"{morning + timedelta(hours=8):%Y%m%d}-{number + 1:04d}"
            lives.append(problem(case_id, at, where, calendars, random.Random(rng.random())))
        if (morning + timedelta(hours=8)).weekday() == 2:
            for unit in where.streets:
                at = morning + timedelta(hours=rng.uniform(9, 17))
                visit = covert_check(f"{morning:%Y%m%d}-{unit}", at, unit, where.care[unit], rng)
                lives.append(iter([visit]))
    return lives


def _bundles(lives: list[Iterator[Step]], end: datetime) -> Iterator[tuple[datetime, list[Step]]]:
    """The steps of all lives in order of time, cut into bundles of ten minutes."""
    heap: list[tuple[datetime, int, Step]] = []

    def push(number: int) -> None:
        step = next(lives[number], None)
        if step is not None and step[0] <= end:
            heapq.heappush(heap, (step[0], number, step))

    for number in range(len(lives)):
        push(number)
    while heap:
        bundle: list[Step] = []
        bundle_end = heap[0][0] + BUNDLE
        while heap and heap[0][0] <= bundle_end:
            _, number, step = heapq.heappop(heap)
            bundle.append(step)
            push(number)
        yield bundle_end, bundle
