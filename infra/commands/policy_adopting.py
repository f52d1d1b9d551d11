"""``duban policy adopt``: judge by policies from their effective dates on, all or none of them."""

import argparse
import hashlib
from pathlib import Path

from domain.errors import Invalid
from domain.policies.commands import AdoptPolicy
from domain.policies.loading import load
from domain.policies.references import in_order
from domain.requests import Request
from infra.commands.opening import add_data_option, existing
from infra.commands.policy_files import files_of, text_of
from infra.commands.progress import answer
from infra.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE|FOLDER",
        help="files, or a city's folder; they are adopted together or not at all",
    )  # fmt: skip
    parser.add_argument("--actor", required=True, help="who adopts them")
    parser.add_argument("--backdated", default="", help="why they judge days that have passed")
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    texts = {}
    for path in files_of(chosen.files):
        text = text_of(path)
        try:
            texts[load(text)] = text
        except Invalid as refusal:
            raise Invalid(refusal.code, f"{path}: {refusal.message}") from refusal
    policies = in_order(list(texts))
    with existing(chosen, settings) as runtime:
        requests = [
            Request(AdoptPolicy(body=texts[policy], backdated=chosen.backdated), chosen.actor)
            for policy in policies
        ]
        asked = "\n".join([chosen.actor, chosen.backdated, *(p.digest for p in policies)])
        command_id = f"adopt/{hashlib.sha256(asked.encode()).hexdigest()}"
        adopted = runtime.desk.handle(requests, command_id)
    for policy in policies:
        answer(
            f"{policy.id} version {policy.version} judges from {policy.effective_from} on "
            f"(position {adopted.last_position})"
        )
    return 0
