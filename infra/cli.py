"""The one console command: ``duban`` and its subcommands."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from types import ModuleType

from domain.errors import Refused
from infra.commands import (
    bench,
    case,
    doctor,
    importing,
    policy,
    query,
    rank,
    rebuild,
    serve,
    simulate,
    tables,
    verify,
)
from infra.settings import from_environment

GROUPS: Sequence[tuple[str, Sequence[ModuleType]]] = (
    ("run", (serve, simulate, importing)),
    ("ask", (query, case, rank, tables, policy)),
    ("keep", (rebuild, verify, doctor, bench)),
)
DEFAULT = "serve"
INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """Every subcommand is a module with NAME, SUMMARY, EXAMPLES, ``arguments`` and ``run``."""
    lines = ["commands:"]
    for group, modules in GROUPS:
        lines.append(f"  {group}")
        lines += [f"    {module.NAME:<10} {module.SUMMARY}" for module in modules]
    root = argparse.ArgumentParser(
        prog="duban",
        description="督办 Duban: inspections, cases, scores and rankings of a city as immutable "
        "events.",
        epilog="\n".join([*lines, "", "duban COMMAND --help shows options and examples."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"duban {version('duban')}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", help=argparse.SUPPRESS)
    for _, modules in GROUPS:
        for module in modules:
            sub = commands.add_parser(
                module.NAME,
                description=module.SUMMARY,
                epilog="examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES),
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            module.arguments(sub)
            sub.set_defaults(run=module.run)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """0: done. 1: refused or failed, with one line on stderr. 2: wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        given.insert(0, DEFAULT)
    chosen = parser().parse_args(given)
    try:
        return int(chosen.run(chosen, from_environment()))
    except Refused as refusal:
        print(f"duban: {refusal.message} [{refusal.code}]", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        print("duban: interrupted; what was stored stays stored", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (head, less): not an error, but nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
