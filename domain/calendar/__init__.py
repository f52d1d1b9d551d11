"""The working calendar of a city and the four clocks that deadlines run on."""

from domain.calendar.clocks import Calendars
from domain.calendar.file import CalendarFile, read_calendar
from domain.calendar.version import Calendar

__all__ = ["Calendar", "CalendarFile", "Calendars", "read_calendar"]
