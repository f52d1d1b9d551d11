"""The documents of a package: a page that needs nothing else, and PDF/A, both from one content."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import typst
from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.errors import Refused
from infra.casefiles.speaking import Told

# What the standard for official documents asks for comes first, where somebody has its licence.
SERIF = ("FangSong_GB2312", "FangSong", "STFangsong", "Noto Serif CJK SC")
SANS = ("SimHei", "STHeiti", "Noto Sans CJK SC")
TITLE = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "Noto Serif CJK SC")
# Beyond so many events a line has to do for each.
MOST_BLOCKS = 400


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands in a case file. ``t`` are its fixed texts; ``rules`` a name and a digest each,
    ``evidence`` name, size, digest and caption of each file."""

    language: str
    head: str
    kind: str
    title: str
    number: str
    notes: Sequence[str]
    facts: Sequence[tuple[str, str]]
    timeline_note: str
    steps: Sequence[Told]
    evidence: Sequence[tuple[str, str, str, str]]
    rules: Sequence[tuple[str, str]]
    proven: Sequence[str]
    unproven: Sequence[str]
    command: str
    seal: Sequence[tuple[str, str]]
    signed_by: str
    signed_on: str
    made_by: str
    t: Mapping[str, str]


def html_of(paper: Paper) -> bytes:
    template = _environment().get_template("casefile.html")
    return template.render(paper=paper).encode()


def pdf_of(paper: Paper, at: datetime) -> bytes:
    """PDF/A-2b, the same bytes for the same content. Raises ``Refused`` (``package.no_font``,
    ``package.no_pdf``)."""
    # Tags of ten thousand rows are larger than the rows; readers aloud have the page.
    tags = len(paper.steps) <= MOST_BLOCKS
    compiled = _compiled(
        paper, pdf_standards=["a-2b"], timestamp=at, format="pdf", pdf_tags=tags
    )
    assert isinstance(compiled, bytes)
    return compiled


def _compiled(paper: Paper, **how: Any) -> Any:
    check_fonts(_families())
    long = len(paper.steps) > MOST_BLOCKS
    steps = [_row(step) if long else step._asdict() for step in paper.steps]
    plain = {**asdict(replace(paper, steps=())), "steps": steps, "long": long}
    told = json.dumps(plain, ensure_ascii=False)
    fonts = {name: json.dumps(known) for name, known in _chosen(_families()).items()}
    try:
        with as_file(files("infra.casefiles") / "templates" / "casefile.typ") as path:
            return typst.compile(
                str(path), font_paths=_fonts(), sys_inputs={"paper": told, **fonts}, **how
            )
    except typst.TypstError as error:
        raise Refused("package.no_pdf", f"the document cannot be set: {error.message}") from error


def _row(step: Told) -> Sequence[str]:
    """An event in one row: its first facts do for a list."""
    facts = "；".join(f"{name}：{value[:60]}" for name, value in step.facts[:3])
    return (
        str(step.position), f"{step.occurred}\n{step.recorded}", f"{step.title}\n{step.about}",
        f"{step.actor}　{facts}",
    )  # fmt: skip


def check_fonts(families: frozenset[str]) -> None:
    """Raises ``Refused`` (``package.no_font``)."""
    if not all(set(wanted) & families for wanted in (SERIF, SANS, TITLE)):
        raise Refused(
            "package.no_font",
            "no Chinese fonts are installed, and without them the document would be empty boxes: "
            "apt-get install fonts-noto-cjk (Debian), or any FangSong and SimHei",
        )


def _chosen(families: frozenset[str]) -> dict[str, list[str]]:
    named = {"serif": SERIF, "sans": SANS, "title": TITLE}
    return {name: [f for f in wanted if f in families] for name, wanted in named.items()}


@cache
def _fonts() -> typst.Fonts:
    """Looked for once: it takes longer than a document."""
    return typst.Fonts()


@cache
def _families() -> frozenset[str]:
    return frozenset(_fonts().families())


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("infra.casefiles"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
