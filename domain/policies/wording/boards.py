"""Scoring policies and composites in sentences."""

from collections.abc import Iterator
from decimal import Decimal

from domain.policies.composite import Component, CompositePolicy
from domain.policies.model import Board, Clause, Multiplier, Reading, ScoringPolicy
from domain.policies.wording.names import (
    EVENT_NAMES,
    PERIOD_NAMES,
    QUESTION_NAMES,
    RECIPIENT_NAMES,
    UNIT_NAMES,
)
from domain.policies.wording.scribe import Scribe


def scoring_articles(policy: ScoringPolicy, w: Scribe) -> Iterator[str]:
    base = w.number(policy.base)
    yield w.article(
        "base",
        w.say(f"各单位每期以{base}分为起点。", f"Every unit starts a period with {base} points."),
        _limits(policy, w),
    )
    yield from _board(policy, w)
    touching = w.either(w.named(EVENT_NAMES, event) for event in policy.touched_by)
    yield w.article(
        "touched_by",
        w.say(
            f"{touching}，虽不加减分，亦视为该单位本期有记录。",
            f"A unit has an entry in the period, be it without points, when {touching}.",
        ),
    )
    for clause in policy.clauses:
        yield _clause(clause, w)
    for multiplier in policy.multipliers:
        yield _multiplier(multiplier, w)


def composite_articles(policy: CompositePolicy, w: Scribe) -> Iterator[str]:
    periods = w.all_of(w.named(PERIOD_NAMES, kind) for kind in policy.periods)
    yield w.article(
        "periods",
        w.say(
            f"本榜按{periods}排名，得分为以下各项乘以权重之和。",
            f"This board ranks by {periods}: a unit's points are the sum of its components times "
            "their weights.",
        ),
    )
    for component in policy.components:
        yield _component(component, w)
    missing = w.choice("missing", "missing", policy.missing)
    yield w.joined(
        w.say(f"某项没有成绩的，{missing}。", f"Where a component has no mark, {missing}."),
        _limits(policy, w),
    )
    yield from _board(policy, w)


def _limits(policy: Board, w: Scribe) -> str:
    parts = []
    for word, limit, zh, en in (
        ("floor", policy.floor, "最低", "never fewer than"),
        ("ceiling", policy.ceiling, "最高", "never more than"),
    ):
        if limit is not None:
            number = w.number(limit)
            parts.append(w.at(word, f"{zh}{number}分", f"{en} {number}"))
        elif w.is_assumed(word):
            parts.append(w.at(word, f"不限{zh}分", f"without a {word}"))
    told = w.say("，", ", ").join(parts)
    return w.say(f"{told}。", f"Points are {told}.") if parts else ""


def _board(policy: Board, w: Scribe) -> Iterator[str]:
    decimals = w.at("rounding.decimals", str(policy.rounding.decimals),
                    str(policy.rounding.decimals))  # fmt: skip
    mode = w.choice("rounding.mode", "mode", policy.rounding.mode)
    yield w.article(
        "rounding",
        w.say(f"得分保留{decimals}位小数，{mode}。", f"Points have {decimals} decimals, {mode}."),
    )
    by = w.choice("peer_groups.by", "by", policy.peer_groups.by)
    kinds = ""
    if policy.peer_groups.kinds is not None:
        told = w.all_of(w.named(UNIT_NAMES, kind) for kind in policy.peer_groups.kinds)
        kinds = w.at("peer_groups.kinds", f"仅限{told}", f"only {told} are ranked")
    yield w.article(
        "peer_groups",
        w.say(f"分组排名，分组依据为：{by}。", f"Peer groups are ranked apart; groups by {by}."),
        w.say(f"{kinds}。", f"Of all units {kinds}.") if kinds else "",
    )  # fmt: skip
    order = w.choice("order", "order", policy.order)
    ties = w.choice("ties", "places", policy.ties)
    eligible = w.choice("eligibility", "eligibility", policy.eligibility)
    yield w.say(
        f"{order}；{ties}；{eligible}。",
        f"{order[0].upper()}{order[1:]}; {ties}; {eligible}.",
    )
    vetoed = w.choice("vetoed", "vetoed", policy.vetoed)
    yield w.say(f"被一票否决的单位{vetoed}。", f"A vetoed unit {vetoed}.")
    if policy.standard is not None:
        below = w.number(policy.standard.below)
        below = w.at("standard.below", below, below)
        yield w.article(
            "standard",
            w.say(
                f"得分低于{below}分为不达标，一票否决。",
                f"With fewer than {below} points a unit fails the standard and is vetoed.",
            ),
            w.basis(policy.standard.basis),
        )
    elif w.is_assumed("standard"):
        yield w.at("standard", "不设达标线", "There is no standard to fail")


def _clause(clause: Clause, w: Scribe) -> str:
    path = f"clauses.{clause.id}"
    on = w.either(w.named(EVENT_NAMES, event) for event in clause.on)
    on = w.at(f"{path}.on", on, on)
    when = w.conditions(f"{path}.when", clause.when)
    to = w.named(RECIPIENT_NAMES, clause.to)
    to = w.at(f"{path}.to", to, to)
    points = _points(clause, w)
    points = w.at(f"{path}.points", points, points)
    veto = w.at(f"{path}.veto", "，并一票否决", ", and is vetoed") if clause.veto else ""
    if_zh, if_en = (f"，{when}的", f" and {when}") if when else ("", "")
    reason = w.reason(clause.reason)
    reason = w.at(f"{path}.reason", reason, reason)
    return w.article(
        path,
        w.say(
            f"{clause.title.zh}〔{clause.id}〕：{on}{if_zh}，{to}{points}{veto}。",
            f"{clause.title.en} [{clause.id}]: when {on}{if_en}, {to} {points}{veto}.",
        ),
        w.say(f"记为：{reason}。", f"The sheet says: {reason}."),
        w.basis(clause.basis),
    )


def _points(clause: Clause, w: Scribe) -> str:
    if isinstance(clause.points, Reading):
        return _reading(clause.points, f"clauses.{clause.id}.points", w)
    number = w.number(abs(clause.points))
    many = "point" if abs(clause.points) == 1 else "points"
    if clause.points < 0:
        return w.say(f"扣{number}分", f"loses {number} {many}")
    if clause.points > 0:
        return w.say(f"加{number}分", f"gets {number} {many}")
    return w.say("不加减分", "gets an entry without points")


def _reading(reading: Reading, path: str, w: Scribe) -> str:
    number = w.named(QUESTION_NAMES, reading.read)
    minus, times = w.number(reading.minus), w.number(reading.times)
    above = w.at(f"{path}.minus", f"（{number}减{minus}）", f"({number} minus {minus})")
    factor = w.at(f"{path}.times", times, times)
    return w.say(f"按{above}乘以{factor}计分", f"gets {above} times {factor} as points")


def _multiplier(multiplier: Multiplier, w: Scribe) -> str:
    path = f"multipliers.{multiplier.id}"
    when = w.conditions(f"{path}.when", multiplier.when)
    times = w.number(multiplier.times)
    times = w.at(f"{path}.times", times, times)
    clauses = w.all_of(multiplier.clauses)
    zh, en = (
        (f"〔{clauses}〕各条", f"the articles [{clauses}]") if clauses else ("各条", "all articles")
    )
    named = w.at(f"{path}.clauses", zh, en)
    return w.article(
        path,
        w.say(
            f"〔{multiplier.id}〕{when}的，{named}所计分数乘以{times}。",
            f"[{multiplier.id}] Where {when}, the points of {named} are multiplied by {times}.",
        ),
        w.basis(multiplier.basis),
    )  # fmt: skip


def _component(part: Component, w: Scribe) -> str:
    path = f"components.{part.id}"
    weight = w.number(part.weight)
    weight = w.at(f"{path}.weight", weight, weight)
    origin = _origin(part, w)
    return w.article(
        path,
        w.say(
            f"{part.title.zh}〔{part.id}〕：{origin}，权重{weight}。",
            f"{part.title.en} [{part.id}]: {origin}, weight {weight}.",
        ),
        _band(part, w),
        w.basis(part.basis),
    )


def _origin(part: Component, w: Scribe) -> str:
    path = f"components.{part.id}"
    if part.indicator is not None:
        return w.at(f"{path}.indicator", f"指标率〔{part.indicator}〕（百分数）",
                    f"the rate [{part.indicator}] in percent")  # fmt: skip
    if part.survey is not None:
        return w.at(f"{path}.survey", f"测评〔{part.survey}〕本期读数的平均值",
                    f"the average of the period's readings of [{part.survey}]")  # fmt: skip
    board = w.at(f"{path}.board", f"考评榜〔{part.board}〕", f"the board [{part.board}]")
    if part.each is None or part.join is None:
        return w.say(f"{board}同期得分", f"the points on {board} in the same period")
    join = w.choice(f"{path}.join", "join", part.join)
    each = w.named(PERIOD_NAMES, part.each)
    each = w.at(f"{path}.each", f"期内各{each}", f"of every {each} that ends in the period")
    return w.say(f"{board}{each}得分的{join}", f"the {join} of the points on {board} {each}")


def _band(part: Component, w: Scribe) -> str:
    if part.band is None:
        return ""
    path = f"components.{part.id}.band"

    def told(word: str, number: Decimal) -> str:
        return w.at(f"{path}.{word}", w.number(number), w.number(number))

    full, target = told("full", part.band.full), told("from", part.band.target)
    per, least = told("per_point", part.band.per_point), told("least", part.band.least)
    zh = f"达到{target}得{full}分，每低1个百分点扣{per}分，最低{least}分。"
    en = (
        f"From {target} on it gives {full} points, {per} less for each percentage point below, "
        f"never fewer than {least}."
    )
    return w.at(path, zh, en)
