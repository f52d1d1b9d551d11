"""``duban policy show``: a policy as prose that an official can sign."""

import argparse
from pathlib import Path

from domain.errors import NotFound
from domain.policies.findings import nearest
from domain.policies.header import PolicyFile
from domain.policies.loading import adopted, load
from domain.policies.prose import render
from infra.commands.opening import add_data_option, chosen_settings
from infra.commands.policy_files import adopted_in, text_of
from infra.commands.progress import answer
from infra.settings import Settings

SHORTEST_DIGEST = 8


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "policy", metavar="FILE|ID",
        help="a file, or what was adopted: an id (its latest version), ID@VERSION or a digest",
    )  # fmt: skip
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="default zh")
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    path = Path(chosen.policy)
    is_file = path.is_file() or path.suffix in (".yaml", ".yml")
    policy = (
        load(text_of(path))
        if is_file
        else _adopted(chosen.policy, chosen_settings(chosen, settings))
    )
    answer(render(policy, chosen.lang))
    return 0


def _adopted(name: str, settings: Settings) -> PolicyFile:
    """Raises ``NotFound`` (``policy.unknown``) with the likeliest name."""
    policies = [adopted(event.body) for event in adopted_in(settings)]
    found = [policy for policy in policies if _is_meant(policy, name)]
    if not found:
        ids = sorted({policy.id for policy in policies})
        hint = nearest(name, ids) if ids else "none was adopted yet"
        raise NotFound("policy.unknown", f"there is no file and no adopted policy '{name}': {hint}")
    return max(found, key=lambda policy: policy.version)


def _is_meant(policy: PolicyFile, name: str) -> bool:
    if name in (policy.id, f"{policy.id}@{policy.version}", policy.ref):
        return True
    return len(name) >= SHORTEST_DIGEST and policy.digest.startswith(name.lower())
