"""``duban policy check``: all that is wrong with policy files, alone and beside each other."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from domain.errors import Invalid
from domain.policies.contradictions import clashes
from domain.policies.findings import CONTRADICTION
from domain.policies.header import PolicyFile
from domain.policies.loading import load
from infra.commands.policy_files import files_of, text_of
from infra.commands.progress import answer, say
from infra.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE|FOLDER",
        help="files; a folder is a city and must be complete: what it names must be in it",
    )  # fmt: skip


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    files, sound, wrong = files_of(chosen.files), [], 0
    for path in files:
        try:
            policy = load(text_of(path))
        except Invalid as refusal:
            wrong += 1
            say(f"duban: {path}: {refusal.message} [{refusal.code}]")
            continue
        sound.append(policy)
        answer(f"{path}: {policy.id} version {policy.version} is sound; digest {policy.digest}")
    whole = any(path.is_dir() for path in chosen.files) and not wrong
    wrong += _together(sound, whole)
    if len(files) > 1 and not wrong:
        answer(f"{len(files)} files are sound, alone and together")
    return 1 if wrong else 0


def _together(policies: Sequence[PolicyFile], whole: bool) -> int:
    """How many things are wrong between those of one city. Of single files what they name may be
    elsewhere."""
    told: dict[str, str] = {}
    for index, policy in enumerate(policies):
        neighbours = [each for each in policies if each.city == policy.city]
        before = [each for each in policies[:index] if each.city == policy.city]
        found = [clash for clash in clashes(policy, before) if clash.code == CONTRADICTION]
        found += [clash for clash in clashes(policy, neighbours) if clash.code != CONTRADICTION]
        for code, sentence in found:
            if whole or not code.endswith("_unknown"):
                told[sentence] = code
    for sentence, code in told.items():
        say(f"duban: {sentence} [{code}]")
    return len(told)
