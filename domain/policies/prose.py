"""A policy as prose that an official can read and sign, in Chinese or English."""

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from domain.policies.composite import CompositePolicy
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.policies.header import PolicyFile
from domain.policies.kinds import kind_name
from domain.policies.measures import AppealPolicy, IndicatorPolicy
from domain.policies.model import ScoringPolicy
from domain.policies.supervision import SupervisionPolicy
from domain.policies.wording.boards import composite_articles, scoring_articles
from domain.policies.wording.following import (
    accountability_articles,
    listing_articles,
    money_articles,
)
from domain.policies.wording.measuring import appeal_articles, indicator_articles
from domain.policies.wording.names import KIND_NAMES
from domain.policies.wording.scribe import Language, Scribe, numeral
from domain.policies.wording.supervising import supervision_articles

WIDTH = 100


class Prose(NamedTuple):
    """A policy ready to be read: title, what stands above the articles (label, text), the
    articles with their numbers, and what stands below (label, text)."""

    title: str
    head: tuple[tuple[str, str], ...]
    articles: tuple[tuple[str, str], ...]
    foot: tuple[tuple[str, str], ...]


def prose(policy: PolicyFile, language: Language) -> Prose:
    scribe = Scribe(policy, language)
    articles = [*_articles(policy, scribe), *_assumed(policy, scribe)]
    numbers = (scribe.say(f"第{numeral(n)}条", f"Article {n}") for n in range(1, len(articles) + 1))
    return Prose(
        scribe.text(policy.title),
        tuple(_head(policy, scribe)),
        tuple(zip(numbers, articles, strict=True)),
        tuple(_foot(policy, scribe)),
    )


def render(policy: PolicyFile, language: Language) -> str:
    """The whole of it as plain text."""
    page = prose(policy, language)
    colon, gap = ("：", "　") if language == "zh" else (": ", "  ")
    lines = [page.title, ""]
    lines += [f"{label}{colon}{text}" for label, text in page.head]
    lines.append("")
    for number, text in page.articles:
        lines += [_wrapped(f"{number}{gap}{text}", language), ""]
    lines += [f"{label}{colon}{text}" for label, text in page.foot]
    return "\n".join(lines) + "\n"


def _wrapped(text: str, language: Language) -> str:
    """Chinese is left to whoever shows it: it breaks anywhere."""
    if language == "zh":
        return text
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _head(policy: PolicyFile, w: Scribe) -> Iterator[tuple[str, str]]:
    yield w.say("种类", "Kind"), w.named(KIND_NAMES, kind_name(policy))
    for path, zh, en, text in (
        ("city", "城市", "City", policy.city),
        ("document", "文件", "Document", policy.document),
        ("issued_by", "制定机关", "Issued by", policy.issued_by),
        ("source", "出处", "Source", policy.source),
    ):
        yield w.say(zh, en), w.at(path, text, text)
    moment = w.moment(policy.effective_from, policy.timezone)
    yield w.say("施行日期", "In force from"), w.at("effective_from", moment, moment)
    yield (
        w.say("编号", "Id"),
        w.say(f"{policy.id}，第{policy.version}版", f"{policy.id}, version {policy.version}"),
    )


def _articles(policy: PolicyFile, w: Scribe) -> Iterator[str]:
    match policy:
        case ScoringPolicy():
            return scoring_articles(policy, w)
        case CompositePolicy():
            return composite_articles(policy, w)
        case SupervisionPolicy():
            return supervision_articles(policy, w)
        case MoneyPolicy():
            return money_articles(policy, w)
        case ListingPolicy():
            return listing_articles(policy, w)
        case AccountabilityPolicy():
            return accountability_articles(policy, w)
        case IndicatorPolicy():
            return indicator_articles(policy, w)
        case AppealPolicy():
            return appeal_articles(policy, w)
    raise TypeError(f"no wording for {type(policy).__name__}")


def _assumed(policy: PolicyFile, w: Scribe) -> Iterator[str]:
    if policy.assumed:
        paths = w.all_of(policy.assumed)
        yield w.say(
            f"下列各项文件未作规定，由编制人推定，在正文中以{w.mark}标明：{paths}。",
            "No document states the following; whoever wrote this chose it, and it is marked"
            f"{w.mark} above: {paths}.",
        )


def _foot(policy: PolicyFile, w: Scribe) -> Iterator[tuple[str, str]]:
    yield w.say("文本摘要（SHA-256）", "Digest of the text (SHA-256)"), policy.digest
    line = "_" * 24
    yield w.say("签发人", "Signed by"), line
    yield w.say("单位（盖章）", "For (seal)"), line
    yield w.say("日期", "Date"), line
