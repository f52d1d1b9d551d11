"""Money, lists and accountability in sentences."""

from collections.abc import Iterator

from domain.policies.consequences import (
    AccountabilityPolicy,
    AccountabilityRule,
    Counted,
    ListingPolicy,
    ListRule,
    MoneyPolicy,
    MoneyRule,
    Take,
    Window,
)
from domain.policies.wording.names import CHOICE_NAMES, PERIOD_NAMES
from domain.policies.wording.scribe import Scribe, listed
from domain.policies.wording.supervising import colour
from domain.policies.words import SPOKEN


def money_articles(policy: MoneyPolicy, w: Scribe) -> Iterator[str]:
    groups = ""
    if policy.peer_groups:
        names = w.all_of(w.quoted(group) for group in policy.peer_groups)
        groups = w.at("peer_groups", f"（限组别{names}）", f" (of the peer groups {names})")
    elif w.is_assumed("peer_groups"):
        groups = w.at("peer_groups", "（不限组别）", " (of all peer groups)")
    currency = w.at("currency", policy.currency, policy.currency)
    yield w.joined(
        _ranking(policy, w, groups),
        w.say(
            f"据此提出的款项是市与单位之间的考核款，不是行政处罚的罚款；币种为{currency}。",
            "What is proposed from it is money between the city and its units, never a statutory "
            f"fine, in {currency}.",
        ),
    )
    for rule in policy.rules:
        yield _money_rule(rule, policy.currency, w)
    ties = w.choice("ties", "ties", policy.ties)
    yield w.say(f"{ties}。", f"{ties[0].upper()}{ties[1:]}.")
    least = str(policy.ranked_at_least)
    least = w.at("ranked_at_least", f"{least}个", f"{least} units")
    yield w.say(
        f"参加排名的单位少于{least}的，不扣不奖。",
        f"With fewer than {least} ranked nobody pays and nobody gets anything.",
    )
    yield _authority(policy.authority, w)


def _ranking(policy: MoneyPolicy | ListingPolicy, w: Scribe, groups: str = "") -> str:
    board = w.at("board", f"〔{policy.board}〕", f"[{policy.board}]")
    period = w.named(PERIOD_NAMES, policy.period)
    period = w.at("period", period, period)
    return w.say(
        f"以考评榜{board}公布的{period}排名{groups}为准。",
        f"What counts is the published ranking of the board {board} by {period}{groups}.",
    )


def _authority(authority: str, w: Scribe) -> str:
    name = w.at("authority", authority, authority)
    return w.say(
        f"由系统提出建议，经审核后由{name}批准，提出人、审核人、批准人不得为同一人。",
        f"The system proposes; after review {name} approves. Who proposes or reviews does not "
        "approve.",
    )


def _money_rule(rule: MoneyRule, currency: str, w: Scribe) -> str:
    path = f"rules.{rule.id}"
    amount = w.number(rule.amount)
    amount = w.at(
        f"{path}.amount",
        f"{amount}元" if currency == "CNY" else f"{currency} {amount}",
        f"{currency} {amount}",
    )
    direction = w.choice(f"{path}.direction", "direction", rule.direction)
    end = CHOICE_NAMES[f"end.{rule.end}"]
    zh = f"{'第' if rule.end == 'first' else '倒数第'}{rule.place}名"
    en = f"number {rule.place} from the {end[1]}"
    place = w.at(f"{path}.place", zh, en)
    return w.article(
        path,
        w.say(
            f"{rule.title.zh}〔{rule.id}〕：{place}{direction}{amount}。",
            f"{rule.title.en} [{rule.id}]: {place}: {direction} of {amount}.",
        ),
        w.basis(rule.basis),
    )


def listing_articles(policy: ListingPolicy, w: Scribe) -> Iterator[str]:
    yield _ranking(policy, w)
    for rule in policy.lists:
        yield _list_rule(rule, w)
    ties = w.choice("ties", "ties", policy.ties)
    yield w.say(f"{ties}。", f"{ties[0].upper()}{ties[1:]}.")
    days = w.at("valid_days", f"{policy.valid_days}日", f"{policy.valid_days} days")
    yield w.say(f"条目自公布之日起有效{days}。", f"An entry stays published for {days}.")
    yield _authority(policy.authority, w)


def _list_rule(rule: ListRule, w: Scribe) -> str:
    path = f"lists.{rule.id}"
    which = w.choice(f"{path}.list", "list", rule.list)
    taken = listed(w, [_take(take, w) for take in rule.take])
    reason = w.reason(rule.reason)
    return w.article(
        path,
        w.say(
            f"{rule.title.zh}〔{rule.id}〕列入{which}的为：",
            f"{rule.title.en} [{rule.id}]: on the {which} are",
        ),
        w.at(f"{path}.take", taken, taken),
        w.say(f"条目写明：{reason}。", f"An entry says: {reason}."),
        w.basis(rule.basis),
    )


def _take(take: Take, w: Scribe) -> str:
    zh, en = CHOICE_NAMES[f"end.{take.end}"]
    parts = [w.say(f"{zh}{take.number}名", f"the {en} {take.number}")]
    if take.peer_groups:
        names = w.all_of(w.quoted(group) for group in take.peer_groups)
        parts.append(w.say(f"限组别{names}", f"of the peer groups {names}"))
    if take.below is not None:
        below = w.number(take.below)
        parts.append(w.say(f"且得分低于{below}分", f"with fewer than {below} points"))
    if take.at_least is not None:
        least = w.number(take.at_least)
        parts.append(w.say(f"且得分不低于{least}分", f"with at least {least} points"))
    return w.say("，", " ").join(parts)


def accountability_articles(policy: AccountabilityPolicy, w: Scribe) -> Iterator[str]:
    yield w.say(
        "系统只提出建议并说明理由；是否问责由有权机关的具名人员决定。",
        "The system only proposes, with its reasons; a named person of the entitled authority "
        "decides.",
    )
    for rule in policy.rules:
        yield _accountability_rule(rule, w)


def _accountability_rule(rule: AccountabilityRule, w: Scribe) -> str:
    path = f"rules.{rule.id}"
    counted = _counted(rule.count, w)
    counted = w.at(f"{path}.count", counted, counted)
    window = _window(rule.window, w)
    window = w.at(f"{path}.window", window, window)
    times = w.at(f"{path}.times", f"第{rule.times}次", f"for the {_ordinal(rule.times)} time")
    action = w.at(f"{path}.action", *SPOKEN[rule.action])
    organ = w.at(f"{path}.organ", rule.organ, rule.organ)
    authority = w.at(f"{path}.authority", rule.authority, rule.authority)
    after = w.choice(f"{path}.after", "after", rule.after)
    reason = w.reason(rule.reason)
    return w.article(
        path,
        w.say(
            f"{rule.title.zh}〔{rule.id}〕：单位{window}{times}{counted}的，建议{action}，"
            f"由{authority}决定，{organ}实施（移送的由其接收）；{after}。",
            f"{rule.title.en} [{rule.id}]: when a unit {counted} {times} {window}, the proposal is "
            f"{action}. {authority} decides; {organ} carries it out or receives the referral; "
            f"{after}.",
        ),
        w.say(f"理由写明：{reason}。", f"The proposal says: {reason}."),
        w.basis(rule.basis),
    )


def _counted(count: Counted, w: Scribe) -> str:
    if count.list is not None:
        return w.say(f"列入榜单〔{count.list}〕", f"is published on the list [{count.list}]")
    if count.slip is not None:
        name = colour(count.slip, w)
        return w.say(f"收到{name}督办单", f"is issued a {name} slip")
    zh, en = SPOKEN[count.action or "reminder"]
    return w.say(f"被实施{zh}", f"has undergone: {en},")


def _window(window: Window, w: Scribe) -> str:
    match window.within:
        case "ever":
            return w.say("累计", "(counted without limit of time)")
        case "year":
            return w.say("同一自然年内", "within one calendar year")
        case "rolling":
            return w.say(f"{window.days}日内", f"within {window.days} days")
        case "consecutive":
            return _row(window, w)


def _row(window: Window, w: Scribe) -> str:
    if window.consecutive == "calendar_period":
        kind = w.named(PERIOD_NAMES, window.period or "day")
        return w.say(
            f"连续（按日历逐{kind}相接）", f"in a row ({kind} after {kind} of the calendar)"
        )
    if window.consecutive == "ranked_period":
        return w.say(
            "连续（按该单位参加排名的各期相接）",
            "in a row (over the periods in which the unit was ranked)",
        )
    return w.say(
        "连续（其间没有其他督办单）", "in a row (with no other slip of the unit in between)"
    )


def _ordinal(number: int) -> str:
    tens = number % 100
    ending = "th" if 10 < tens < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
