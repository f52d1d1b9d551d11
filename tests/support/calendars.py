"""Working calendars for tests."""

from domain.calendar import Calendars

PLAIN = Calendars.plain("Asia/Shanghai")
