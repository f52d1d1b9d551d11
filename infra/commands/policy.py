"""``duban policy``: check a policy file, show what it says, adopt it."""

import argparse
from pathlib import Path

from domain.deciding import Request
from domain.errors import Invalid
from domain.policies.commands import AdoptPolicy
from domain.policies.loading import digest_of, load
from infra.commands import backtesting
from infra.commands.opening import add_data_option, existing
from infra.commands.progress import answer, say
from infra.settings import Settings

EXAMPLES = (
    "duban policy check my-city.yaml",
    "duban policy adopt my-city.yaml --actor 'Li Wei' --data ./data",
    "duban policy backtest new.yaml --from 2012-01-01 --to 2012-12-31 --csv moved.csv",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|adopt|backtest")
    check = actions.add_parser("check", help="say all that is wrong with the files")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    adopt = actions.add_parser("adopt", help="judge by this policy from its effective date on")
    adopt.add_argument("file", type=Path, metavar="FILE")
    adopt.add_argument("--actor", required=True, help="who adopts it")
    adopt.add_argument("--backdated", default="", help="why it judges days that have passed")
    add_data_option(adopt)
    replay = actions.add_parser("backtest", help="who would have moved under other policies")
    backtesting.arguments(replay)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.action == "adopt":
        return _adopt(chosen, settings)
    if chosen.action == "backtest":
        return backtesting.run(chosen, settings)
    wrong = 0
    for path in chosen.files:
        try:
            policy = load(_text(path))
            answer(f"{path}: {policy.id} version {policy.version} is sound; digest {policy.digest}")
        except Invalid as refusal:
            wrong += 1
            say(f"duban: {path}: {refusal.message} [{refusal.code}]")
    return 1 if wrong else 0


def _adopt(chosen: argparse.Namespace, settings: Settings) -> int:
    text = _text(chosen.file)
    with existing(chosen, settings) as runtime:
        command = AdoptPolicy(body=text, backdated=chosen.backdated)
        adopted = runtime.desk.handle([Request(command, chosen.actor)], f"adopt/{digest_of(text)}")
        policy = load(text)
        answer(
            f"{policy.id} version {policy.version} judges from {policy.effective_from} on "
            f"(position {adopted.last_position})"
        )
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid("policy.unreadable", f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Invalid(
            "policy.encoding", f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8"
        ) from error
