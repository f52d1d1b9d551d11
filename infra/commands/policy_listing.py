"""``duban policy list``: the adopted policies of a city, and which are in force."""

import argparse
from datetime import UTC, datetime

from domain.policies.book import PolicyBook
from domain.policies.kinds import kind_name
from infra.commands.opening import add_data_option, chosen_settings
from infra.commands.policy_files import adopted_in
from infra.commands.progress import answer, say
from infra.settings import Settings

HEAD = ("id", "version", "kind", "from", "now", "digest", "title")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    book = PolicyBook(adopted_in(chosen_settings(chosen, settings)))
    if not len(book):
        say("duban: no policy was adopted yet: adopt one with 'duban policy adopt FILE|FOLDER'")
        return 0
    now = datetime.now(UTC)
    in_force = book.in_force(now)
    answer("\t".join(HEAD))
    for policy in sorted(book, key=lambda each: (each.id, each.version)):
        later = "later" if policy.starts_at > now else "replaced"
        standing = "in force" if policy.digest in in_force else later
        day = policy.effective_from.isoformat(sep=" ").removesuffix(" 00:00:00")
        title = (
            policy.title.zh
            if policy.title.zh == policy.title.en
            else (f"{policy.title.zh} / {policy.title.en}")
        )
        answer(
            "\t".join(
                (
                    policy.id,
                    str(policy.version),
                    kind_name(policy),
                    day,
                    standing,
                    policy.digest[:12],
                    title,
                )
            )
        )
    return 0
