"""A small policy to bend in tests, as plain data and as the text of its file."""

import copy
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from domain.policies.loading import load
from domain.policies.model import ScoringPolicy
from domain.policies.scoring import Entry
from domain.rankings.composing import ARITHMETIC, UnitTotal

CLAUSE: dict[str, Any] = {
    "id": "overdue",
    "title": {"zh": "超期", "en": "Overdue"},
    "on": "case.overdue",
    "points": -2,
    "to": "lead_unit",
    "reason": {"zh": "超期，扣2分", "en": "overdue, 2 points off"},
}

POLICY: dict[str, Any] = {
    "id": "example",
    "version": 1,
    "kind": "scoring",
    "city": "示范市",
    "timezone": "Asia/Shanghai",
    "title": {"zh": "样本", "en": "Sample"},
    "issued_by": "市创卫办",
    "document": "创卫办〔2026〕1号",
    "source": "市政府门户网站",
    "effective_from": "2026-01-01",
    "base": 100,
    "rounding": {"decimals": 2, "mode": "half_up"},
    "ties": "competition",
    "eligibility": "touched",
    "peer_groups": {"by": "kind"},
    "order": "high_first",
    "clauses": [CLAUSE],
}


def clause(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(CLAUSE), **changes}


def text(*clauses: dict[str, Any], **changes: Any) -> str:
    """The file's text: JSON with one word on a line, which is YAML too. ``None`` leaves out."""
    content = {**POLICY, **({"clauses": list(clauses)} if clauses else {}), **changes}
    kept = {word: value for word, value in content.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, indent=2)


def load_scoring(body: str) -> ScoringPolicy:
    """The scoring policy that this text must be."""
    loaded = load(body)
    assert isinstance(loaded, ScoringPolicy)
    return loaded


def policy(*clauses: dict[str, Any], **changes: Any) -> ScoringPolicy:
    return load_scoring(text(*clauses, **changes))


def add_up(entries: Iterable[Entry]) -> list[UnitTotal]:
    sums: dict[str, tuple[Decimal, int]] = {}
    for entry in entries:
        points, count = sums.get(entry.unit, (Decimal(0), 0))
        sums[entry.unit] = ARITHMETIC.add(points, entry.points), count + 1
    return [UnitTotal(unit, points, count) for unit, (points, count) in sums.items()]


HEAD = ("version", "city", "timezone", "issued_by", "document", "source", "effective_from")


def part(name: str, weight: str | int, **origin: Any) -> dict[str, Any]:
    """A component of a composite."""
    return {"id": name, "title": {"zh": name, "en": name}, "weight": weight, **origin}


def composite_text(*components: dict[str, Any], **changes: Any) -> str:
    content = {
        **{word: POLICY[word] for word in HEAD},
        "id": "composite", "kind": "composite", "title": {"zh": "综合", "en": "Composite"},
        "rounding": {"decimals": 2, "mode": "half_up"}, "ties": "competition",
        "eligibility": "touched", "peer_groups": {"by": "kind"}, "order": "high_first",
        "periods": ["week", "fortnight", "month", "quarter", "year"], "missing": "reweigh",
        "components": list(components), **changes,
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=2)


def rate(name: str, numerator: str, denominator: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "title": {"zh": name, "en": name}, "numerator": numerator,
        "denominator": denominator, "rounding": {"decimals": 2, "mode": "half_up"}, **more,
    }  # fmt: skip


def indicators_text(*rates: dict[str, Any], **changes: Any) -> str:
    content = {
        **{word: POLICY[word] for word in HEAD},
        "id": "indicators", "kind": "indicators", "title": {"zh": "指标", "en": "Indicators"},
        "cohort": "reported", "rates": list(rates), **changes,
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=2)
