"""The one console command: ``duban`` and its subcommands."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from itertools import groupby
from typing import NamedTuple

from domain.errors import Refused
from infra.settings import from_environment


class Command(NamedTuple):
    """``module`` of ``infra.commands`` has EXAMPLES, ``arguments`` and ``run``; it is loaded only
    when it is asked for, since some of them take a second."""

    group: str
    name: str
    module: str
    summary: str


COMMANDS: Sequence[Command] = (
    Command(
        "run", "serve", "serve", "serve the boards and the API of one city (the default command)"
    ),
    Command(
        "run",
        "simulate",
        "simulate",
        "make a synthetic city with cases, visits and scores, clearly labelled synthetic",
    ),
    Command(
        "run", "import", "importing", "import tables (csv, xlsx, jsonl; also .gz) by a mapping file"
    ),
    Command(
        "run", "ranking", "ranking", "compose, approve, publish, correct and withdraw rankings"
    ),
    Command("ask", "query", "query", "ask the analyst tables in SQL (ClickHouse's); reading only"),
    Command("ask", "search", "search", "find cases, units, slips, people … by number or words"),
    Command(
        "ask",
        "case",
        "case",
        "show a case: every event, who, when it happened, when it was recorded",
    ),
    Command(
        "ask",
        "evidence",
        "evidence",
        "send files in for a case, list them, check them, get them back",
    ),
    Command("ask", "referral", "referral", "carry a referral out: pack it, and export the package"),
    Command(
        "ask", "unit", "unit", "show a unit's dossier: what it did, got, was asked, was late with"
    ),
    Command("ask", "person", "person", "show all that is on record about a person's pseudonym"),
    Command("ask", "diff", "diff", "put two moments of anything side by side, field by field"),
    Command("ask", "rank", "rank", "rank units by the score entries of a period"),
    Command(
        "ask", "why", "why", "explain a score, rank, colour or proposal: sentence, clause, events"
    ),
    Command("ask", "tables", "tables", "print the dictionary of the analyst tables"),
    Command("ask", "policy", "policy", "check, read, adopt, list and back-test policy files"),
    Command("ask", "readers", "readers", "who opened, searched or exported what, when and why"),
    Command("ask", "log", "log", "signed checkpoints of the log, and proofs by them"),
    Command(
        "scale", "worker", "worker", "let follow what follows by rule, from events and from time"
    ),
    Command(
        "scale", "relay", "relay", "carry the events of the store to Kafka, each once and in order"
    ),
    Command("scale", "sink", "sink", "take the events of the topic into the read tables"),
    Command(
        "scale",
        "dead-letters",
        "dead_letters",
        "what could not be taken into the tables: list, show, try again, leave out",
    ),
    Command(
        "scale",
        "clickhouse-http",
        "clickhouse_http",
        "serve the read tables of a directory to ClickHouse's own clients",
    ),
    Command("scale", "kafka", "kafka", "start and stop a real Kafka on this machine, to try with"),
    Command(
        "keep",
        "migrate",
        "migrate",
        "make the stores of the server mode, or bring them up to date",
    ),
    Command(
        "keep",
        "copy-store",
        "copy_store",
        "move a city's events from its directory into PostgreSQL, position by position",
    ),
    Command(
        "keep",
        "rebuild",
        "rebuild",
        "make the read tables anew from the events, beside the live ones, then switch",
    ),
    Command(
        "keep",
        "reactions",
        "reactions",
        "what follows by rule: do what is due now, list what was refused, try it again",
    ),
    Command("keep", "keys", "keys", "make, list, rotate and end the keys that sign the log"),
    Command(
        "keep", "witness", "witness", "watch another body's log: refuse a rewritten one, cosign"
    ),
    Command(
        "keep",
        "persons",
        "persons",
        "register persons, show who a pseudonym is, keep the vault and its retention schedule",
    ),
    Command("keep", "forget", "forget", "destroy the data of a person for ever"),
    Command(
        "keep",
        "verify",
        "verify",
        "hash every event again, check all that was signed, derive every table and compare",
    ),
    Command(
        "keep",
        "doctor",
        "doctor",
        "check this machine and this city, and say what to do about what is wrong",
    ),
    Command(
        "keep", "bench", "bench", "measure this machine: figure, raw limit and ratio in one run"
    ),
)
DEFAULT = "serve"
INTERRUPTED = 130


def parser(chosen: str) -> argparse.ArgumentParser:
    """Knows all commands by name, and the options of the chosen one."""
    root = argparse.ArgumentParser(
        prog="duban",
        description="督办 Duban: inspections, cases, scores and rankings of a city as immutable "
        "events.",
        epilog=_overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"duban {version('duban')}")
    commands = root.add_subparsers(metavar="COMMAND", help=argparse.SUPPRESS)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            description=command.summary,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if command.name == chosen:
            module = import_module(f"infra.commands.{command.module}")
            sub.epilog = "examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES)
            module.arguments(sub)
            sub.set_defaults(run=module.run)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """0: done. 1: refused or failed, with one line on stderr. 2: wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        given.insert(0, DEFAULT)
    chosen = parser(given[0]).parse_args(given)
    try:
        return int(chosen.run(chosen, from_environment()))
    except Refused as refusal:
        sys.stderr.write(f"duban: {refusal.message} [{refusal.code}]\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("duban: interrupted; what was stored stays stored\n")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (head, less): not an error, but nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _overview() -> str:
    lines = ["commands:"]
    for group, commands in groupby(COMMANDS, key=lambda command: command.group):
        lines += [f"  {group}", *(f"    {c.name:<15} {c.summary}" for c in commands)]
    return "\n".join([*lines, "", "duban COMMAND --help shows options and examples."])
