"""What a process that nobody watches has to say: one JSON object a line, on standard error."""

import json
import logging
import sys
from datetime import UTC, datetime

# What every record carries; anything else was said with ``extra`` and goes into the line.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """``time``, ``level``, ``process`` (its kind), ``message``, and the extras such as
    ``position`` and ``stream``."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _USUAL},
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def log_as_json(process: str) -> None:
    """Only what this program itself says: its processes retry, say so once, and name the reason,
    where the clients of Kafka would repeat themselves many times a second."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines(process))
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    logging.getLogger("duban").setLevel(logging.INFO)
    for client in ("kafka", "aiokafka", "faust", "psycopg"):
        logging.getLogger(client).setLevel(logging.CRITICAL)
