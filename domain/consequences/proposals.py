"""From a published ranking, and from what is counted against a unit, to proposals in words."""

from collections.abc import Callable
from decimal import Decimal

from domain.accountability.commands import ProposeAccountability
from domain.consequences.counts import Proposal
from domain.consequences.places import CENT, Sum, listed, money_of
from domain.listings.commands import ProposeListing
from domain.money.commands import ProposeMoney
from domain.periods import Period
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.rankings.commands import ranking_key
from domain.rankings.events import RankedUnit, RankingCorrected, RankingPublished
from domain.reasons import Reason, derived_id

Named = Callable[[str], str]  # what a unit is called
Ranking = RankingPublished | RankingCorrected


def money_proposals(policy: MoneyPolicy, ranking: Ranking, position: int) -> list[ProposeMoney]:
    """``position`` is where the ranking stands in the log. Nothing follows from a ranking of
    another board, kind of period or peer group."""
    if not concerns(policy, ranking):
        return []
    ranking_id = ranking_key(ranking.board, ranking.period, ranking.peer_group)
    return [
        ProposeMoney(
            money_id=_id(policy.id, each.rule.id, ranking, each.unit),
            unit=each.unit,
            direction="reward" if each.amount > 0 else "deduction",
            amount=abs(each.amount).quantize(CENT),
            currency=policy.currency,
            period=ranking.period,
            ranking=ranking_id,
            authority=policy.authority,
            reason=_money_reason(policy, ranking, each, position),
        )
        for each in money_of(policy, ranking.rows)
    ]


def list_proposals(policy: ListingPolicy, ranking: Ranking, position: int) -> list[ProposeListing]:
    """As ``money_proposals``, for the lists."""
    if not concerns(policy, ranking):
        return []
    ranking_id = ranking_key(ranking.board, ranking.period, ranking.peer_group)
    found = []
    for rule in policy.lists:
        for row in listed(policy, rule, ranking.peer_group, ranking.rows).values():
            words = {"place": row.place, "points": _plain(row.points)}
            zh, en = Period.parse(ranking.period).label("zh"), Period.parse(ranking.period)
            reason = Reason(
                zh=rule.reason.zh.format_map({**words, "period": zh}),
                en=rule.reason.en.format_map({**words, "period": en.label("en")}),
                policy=policy.ref,
                clause=rule.id,
                events=(position,),
            )
            found.append(
                ProposeListing(
                    listing_id=_id(policy.id, rule.id, ranking, row.unit),
                    list=rule.list,
                    rule=rule.id,
                    authority=policy.authority,
                    reason=reason,
                    unit=row.unit,
                    period=ranking.period,
                    ranking=ranking_id,
                    valid_days=policy.valid_days,
                )
            )
    return found


def accountability_proposal(
    policy: AccountabilityPolicy, found: Proposal, named: Named
) -> ProposeAccountability:
    """The proposal names everything that was counted."""
    rule = found.rule
    words = {"times": len(found.counted), "unit": named(found.unit)}
    told = [str(each.period or f"{each.at:%Y-%m-%d}") for each in found.counted]
    reason = Reason(
        zh=f"{rule.reason.zh.format_map(words)}（{'、'.join(told)}）",
        en=f"{rule.reason.en.format_map(words)} ({', '.join(told)})",
        policy=policy.ref,
        clause=rule.id,
        events=tuple(each.position for each in found.counted),
    )
    return ProposeAccountability(
        accountability_id=derived_id(policy.id, rule.id, found.unit, str(found.newest.position)),
        action=rule.action,
        unit=found.unit,
        organ=rule.organ,
        authority=rule.authority,
        reason=reason,
    )


def concerns(policy: MoneyPolicy | ListingPolicy, ranking: Ranking) -> bool:
    """Whether anything may follow from the ranking by this policy."""
    groups = policy.peer_groups if isinstance(policy, MoneyPolicy) else ()
    return (
        policy.board == ranking.board
        and policy.period == Period.parse(ranking.period).kind
        and (not groups or ranking.peer_group in groups)
    )


def _id(policy: str, rule: str, ranking: Ranking, unit: str) -> str:
    """The same for the same cause; what only a correction brings is something else."""
    ranking_id = ranking_key(ranking.board, ranking.period, ranking.peer_group)
    correction = (ranking.checksum,) if isinstance(ranking, RankingCorrected) else ()
    return derived_id(policy, rule, ranking_id, unit, *correction)


def _money_reason(policy: MoneyPolicy, ranking: Ranking, each: Sum, position: int) -> Reason:
    """Line by line: the place, who shares it, which amounts stand there, what ties mean."""
    period, rule = Period.parse(ranking.period), each.rule
    from_end = ("倒数", "from the end") if rule.end == "last" else ("正数", "from the top")
    zh = f"{period.label('zh')}第{each.row.place}名（{from_end[0]}第{each.first}）"
    zh += f"，{_points(each.row)}"
    en = (
        f"place {each.row.place} ({each.first} {from_end[1]}) in {period.label('en')}, "
        f"{_plain(each.row.points)} points{', vetoed' if each.row.veto else ''}"
    )
    if each.tied:
        zh += f"；与另外{each.tied}个单位并列，占{from_end[0]}第{each.first}至第{each.last}位，"
        zh += f"{TIES[policy.ties][0]}，其后名次空缺"
        en += f"; tied with {each.tied} more over places {each.first} to {each.last} "
        en += f"{from_end[1]}: {TIES[policy.ties][1]}, and these places are used up"
    amount = f"{abs(each.amount):,} {policy.currency}"
    zh += (
        f"；按《{policy.title.zh}》“{rule.title.zh}”{'奖励' if each.amount > 0 else '扣款'}{amount}"
    )
    en += f"; {policy.title.en}, {rule.title.en}: {'reward' if each.amount > 0 else 'deduction'} "
    en += amount
    return Reason(zh=zh, en=en, policy=policy.ref, clause=rule.id, events=(position,))


TIES = {
    "heavier": ("按其中最重的一档计", "each the heaviest of their amounts"),
    "shared": ("各档金额相加后均分", "their amounts added and split equally"),
    "lighter": ("按其中最轻的一档计", "each the lightest of their amounts"),
}


def _points(row: RankedUnit) -> str:
    return f"{_plain(row.points)}分" + ("，一票否决" if row.veto else "")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
