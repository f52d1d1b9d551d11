"""A small policy of every kind to bend in tests, as plain data and as the text of its file."""

import copy
import json
from typing import Any

from tests.support.policies import POLICY

HEAD = {
    word: POLICY[word]
    for word in ("version", "city", "timezone", "issued_by", "document", "source", "effective_from")
}


def named(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def limit(amount: float = 3) -> dict[str, Any]:
    return {"amount": amount, "clock": "working_days"}


STEP = {"title": named("单", "Slip"), "limit": limit(), "authority": "督查办"}
LADDER = {
    "id": "colours",
    "title": named("三色", "Colours"),
    "escalate": "unless_excused",
    "steps": [{"colour": "white", **STEP}, {"colour": "red", **STEP}],
    "starts": [{"on": "case.overdue", "colour": "white", "reason": named("超期", "overdue")}],
}

SAMPLES: dict[str, dict[str, Any]] = {
    "scoring": {word: POLICY[word] for word in POLICY if word not in ("id", *HEAD)},
    "composite": {
        "title": named("综合", "Composite"),
        "rounding": {"decimals": 2, "mode": "half_up"},
        "ties": "competition",
        "eligibility": "all",
        "peer_groups": {"by": "kind"},
        "order": "high_first",
        "periods": ["month"],
        "missing": "reweigh",
        "components": [
            {"id": "part", "title": named("部分", "Part"), "board": "example", "weight": 1}
        ],
    },
    "supervision": {
        "title": named("督办", "Slips"),
        "ladders": [LADDER],
        "unit_colour": {"by": "open_slips", "otherwise": "green"},
    },
    "money": {
        "title": named("扣款", "Money"),
        "board": "example",
        "period": "month",
        "currency": "CNY",
        "ties": "heavier",
        "ranked_at_least": 4,
        "authority": "市人民政府",
        "rules": [
            {
                "id": "last", "title": named("末位", "Last"), "from": "last", "place": 1,
                "direction": "deduction", "amount": 1000000,
            }
        ],
    },
    "listing": {
        "title": named("红黑榜", "Lists"),
        "board": "example",
        "period": "week",
        "ties": "all",
        "valid_days": 30,
        "authority": "宣传部",
        "lists": [
            {
                "id": "black", "title": named("黑榜", "Black"), "list": "black",
                "take": [{"from": "last", "number": 3}],
                "reason": named("第{place}名", "place {place}"),
            }
        ],
    },
    "accountability": {
        "title": named("问责", "Accountability"),
        "rules": [
            {
                "id": "twice", "title": named("两次", "Twice"), "count": {"list": "black"},
                "times": 2, "window": {"within": "year"}, "after": "begin_anew",
                "action": "referral", "organ": "纪委监委", "authority": "市委",
                "reason": named("{unit}第{times}次", "{unit}: {times} times"),
            }
        ],
    },
    "indicators": {
        "title": named("指标", "Indicators"),
        "cohort": "due",
        "rates": [
            {
                "id": "closing", "title": named("结案率", "Closing"), "numerator": "closed_in_time",
                "denominator": "due_to_close", "rounding": {"decimals": 2, "mode": "half_up"},
            }
        ],
        "targets": [{"id": "dust", "title": named("积尘", "Dust"), "unit_of_measure": "g/m²"}],
        "grades": [{"name": "A", "at_least": 90}],
    },
    "appeals": {
        "title": named("申诉", "Appeals"),
        "rules": [
            {
                "against": "score_entry", "within": limit(5), "decide_within": limit(10),
                "authority": "市创卫办",
            }
        ],
    },
}  # fmt: skip


def sample(kind: str, /, **changes: Any) -> dict[str, Any]:
    """The policy as data; ``None`` leaves a word out."""
    whole = {"id": f"my-{kind}", "kind": kind, **HEAD, **copy.deepcopy(SAMPLES[kind]), **changes}
    return {word: value for word, value in whole.items() if value is not None}


def file(kind: str, /, **changes: Any) -> str:
    """The text of its file: JSON with one word on a line, which is YAML too."""
    return written(sample(kind, **changes))


def written(tree: dict[str, Any]) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=2)


def put(tree: Any, path: str, value: Any) -> Any:
    """The tree with another value at a path such as ``ladders.0.steps.0.colour``; ``None`` takes
    the word out."""
    first, _, rest = path.partition(".")
    key: Any = int(first) if isinstance(tree, list) else first
    if rest:
        put(tree[key], rest, value)
    elif value is None:
        del tree[key]
    else:
        tree[key] = value
    return tree


def bent(kind: str, path: str, value: Any) -> str:
    return written(put(sample(kind), path, value))
