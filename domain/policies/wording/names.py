"""The words of the vocabulary as an official would say them: Chinese, English."""

from collections.abc import Mapping

Names = Mapping[str, tuple[str, str]]

KIND_NAMES: Names = {
    "scoring": ("评分办法", "Scoring rules"),
    "composite": ("综合考评办法", "Composite rules"),
    "supervision": ("督办办法", "Supervision rules"),
    "money": ("考核扣款与奖励办法", "Rules on assessment money"),
    "listing": ("红黑榜办法", "Rules on red and black lists"),
    "accountability": ("问责建议办法", "Rules on proposals of accountability"),
    "indicators": ("指标办法", "Rules on indicators"),
    "appeals": ("申诉办法", "Rules on appeals"),
}

EVENT_NAMES: Names = {
    "inspection.recorded": ("检查记录在案", "an inspection is recorded"),
    "case.dispatched": ("案卷派遣", "a case is dispatched"),
    "case.ruled": ("权属争议裁定", "a dispute over a case is ruled on"),
    "case.claimed": ("案卷被认领", "a case is claimed"),
    "case.returned": ("案卷被退回", "a case is sent back"),
    "case.disputed": ("对案卷提出权属争议", "a case is disputed"),
    "case.rectified": ("案卷整改反馈", "a case is answered as put right"),
    "case.verified": ("案卷核查通过", "a case is found put right on the spot check"),
    "case.rework_ordered": ("案卷被责令返工", "a case is sent back for rework"),
    "case.extension_approved": ("案卷获准延期", "an extension of a case is approved"),
    "case.suspended": ("案卷挂账", "a case is suspended"),
    "case.overdue": ("案卷超期", "a case is overdue"),
    "case.closed": ("案卷结案", "a case is closed"),
    "case.reopened": ("案卷回潮重开", "a case is reopened"),
    "case.voided": ("案卷作废", "a case is voided"),
    "penalty.opened": ("行政处罚立案", "a statutory penalty is opened"),
    "penalty.decided": ("行政处罚作出决定", "a statutory penalty is decided"),
    "penalty.withdrawn": ("行政处罚撤销", "a statutory penalty is withdrawn"),
    "slip.issued": ("督办单发出", "a supervision slip is issued"),
    "slip.failed": ("督办单未按期落实", "a supervision slip is not met"),
    "accountability.decided": ("问责建议作出决定", "a proposal of accountability is decided"),
    "reading.recorded": ("指标读数记录在案", "a reading of an indicator is recorded"),
}

QUESTION_NAMES: Names = {
    "source": ("来源", "the source"),
    "result": ("检查结果", "the result"),
    "colour": ("颜色", "the colour"),
    "score": ("得分", "the score"),
    "findings": ("发现问题数", "the number of problems found"),
    "category": ("类别", "the category"),
    "severity": ("严重程度", "the severity"),
    "reworks": ("返工次数", "the number of reworks"),
    "bounces": ("退回推诿次数", "the number of times it was sent back"),
    "extensions": ("延期次数", "the number of extensions"),
    "kind": ("处罚种类", "the kind of penalty"),
    "decision": ("决定", "the decision"),
    "action": ("问责方式", "the action"),
    "indicator": ("指标", "the indicator"),
    "value": ("指标值", "the value"),
    "on_the_spot": ("是否当场整改", "whether it was put right on the spot"),
    "late": ("是否逾期", "whether it was late"),
    "changed_hands": ("是否换了单位", "whether it changed hands"),
}

# Flags have sentences of their own: if true, if false.
FLAG_NAMES: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "on_the_spot": (
        ("当场整改", "it was put right on the spot"),
        ("未当场整改", "it was not put right on the spot"),
    ),
    "late": (("已逾期", "it was late"), ("未逾期", "it was in time")),
    "changed_hands": (
        ("首次交办或改由他单位承办", "it came to this unit anew"),
        ("仍由原单位承办", "it stayed with the same unit"),
    ),
}

RECIPIENT_NAMES: Names = {
    "inspected_unit": ("受检单位", "the inspected unit"),
    "lead_unit": ("牵头单位", "the lead unit"),
    "assisting_units": ("各协办单位", "each assisting unit"),
    "previous_unit": ("原承办单位", "the unit that had the case before"),
    "penalised_unit": ("被处罚单位", "the penalised unit"),
    "supervised_unit": ("被督办单位", "the supervised unit"),
    "accountable_unit": ("被问责单位", "the unit held accountable"),
    "measured_unit": ("被测评单位", "the measured unit"),
}

UNIT_NAMES: Names = {
    "city": ("市", "cities"),
    "district": ("区县", "districts"),
    "street": ("街道乡镇", "streets and towns"),
    "community": ("社区村", "communities"),
    "grid": ("网格", "grids"),
    "department": ("部门", "departments"),
    "company": ("企业商户", "companies"),
}

PERIOD_NAMES: Names = {
    "day": ("日", "day"),
    "week": ("周", "week"),
    "fortnight": ("双周", "fortnight"),
    "month": ("月", "month"),
    "quarter": ("季度", "quarter"),
    "year": ("年度", "year"),
}

CLOCK_NAMES: Names = {
    "urgent_hours": ("个紧急小时（昼夜连续计算）", "urgent hours (counted day and night)"),
    "working_hours": ("个工作小时", "working hours"),
    "working_days": ("个工作日", "working days"),
    "natural_days": ("个自然日", "natural days"),
}

COUNT_NAMES: Names = {
    "reported": ("上报数", "reported"),
    "filed": ("立案数", "filed"),
    "rejected": ("不予立案数", "rejected"),
    "voided": ("作废数", "voided"),
    "dispatched": ("派遣数", "dispatched"),
    "due_to_handle": ("应处置数", "due to handle"),
    "handled": ("处置数", "handled"),
    "handled_in_time": ("按期处置数", "handled in time"),
    "overdue": ("超期数", "overdue"),
    "pending": ("待处置数", "pending"),
    "reworked_cases": ("返工案卷数", "reworked cases"),
    "reworks": ("返工次数", "reworks"),
    "suspended": ("挂账数", "suspended"),
    "extended": ("延期数", "extended"),
    "bounced": ("推诿数", "bounced"),
    "due_to_close": ("应结案数", "due to close"),
    "closed": ("结案数", "closed"),
    "closed_in_time": ("按期结案数", "closed in time"),
    "reopened": ("回潮数", "reopened"),
}

APPEAL_NAMES: Names = {
    "score_entry": ("计分", "a score entry"),
    "timeout": ("超期认定", "a timeout"),
    "list_entry": ("红黑榜条目", "an entry of a list"),
    "money": ("考核扣款", "assessment money"),
}

# What a choice of a word means, as part of a sentence; by ``word.choice``.
CHOICE_NAMES: Names = {
    "mode.half_up": ("四舍五入", "half away from zero"),
    "mode.half_even": ("四舍六入五成双", "half to the even neighbour"),
    "places.competition": (
        "得分相同名次并列，其后名次顺延空出（1、1、3）",
        "equal points share a place and the next place is skipped (1, 1, 3)",
    ),
    "places.dense": (
        "得分相同名次并列，其后名次不空（1、1、2）",
        "equal points share a place and no place is skipped (1, 1, 2)",
    ),
    "eligibility.touched": (
        "本期有记录的单位方参加排名",
        "only units with an entry in the period are ranked",
    ),
    "eligibility.all": ("所有单位均参加排名", "all units are ranked"),
    "order.high_first": ("得分高者在前", "most points come first"),
    "order.low_first": ("得分低者在前", "fewest points come first"),
    "by.peer_group": ("单位登记的组别", "the group written on the unit"),
    "by.kind": ("单位类型", "the kind of unit"),
    "by.district": ("所属区县", "the district"),
    "by.parent": ("上级单位", "the unit above"),
    "by.all": ("全部单位为一组", "none: all units together"),
    "vetoed.last": ("排在末位", "stands last"),
    "vetoed.unranked": ("不予排名", "is left out of the ranking"),
    "missing.reweigh": (
        "由其余各项按权重分担",
        "the other components count for it by their weights",
    ),
    "missing.zero": ("按零分计", "it counts as zero"),
    "missing.unranked": ("该单位不予排名", "the unit is not ranked"),
    "join.average": ("平均值", "average"),
    "join.sum": ("合计", "sum"),
    "escalate.unless_excused": (
        "督办单未按期落实且无正当理由的，升级为下一颜色",
        "a slip that is not met without good reason leads to the next colour",
    ),
    "escalate.always": (
        "督办单未按期落实的，一律升级为下一颜色",
        "a slip that is not met always leads to the next colour",
    ),
    "escalate.never": ("督办单不升级", "slips do not lead to other colours"),
    "end.first": ("前", "first"),
    "end.last": ("倒数", "last"),
    "direction.deduction": ("扣款", "deduction"),
    "direction.reward": ("奖励", "reward"),
    "ties.heavier": (
        "名次并列的，均按所占名次中最重的金额执行，所占名次不再另计",
        "tied units all get the heaviest amount of the places they share, and these places are "
        "skipped",
    ),
    "ties.shared": (
        "名次并列的，所占名次的金额相加后平均分担，四舍五入到分",
        "tied units share the amounts of their places equally, rounded half up to the cent",
    ),
    "ties.lighter": (
        "名次并列的，均按所占名次中最轻的金额执行",
        "tied units all get the lightest amount of the places they share",
    ),
    "ties.all": ("末尾名次并列的全部列入", "all who share the last place taken are listed"),
    "ties.none": (
        "末尾名次并列的均不列入",
        "none of those who share the last place taken is listed",
    ),
    "list.red": ("红榜", "red list"),
    "list.black": ("黑榜", "black list"),
    "after.go_on": ("提出建议后继续累计", "after a proposal the count goes on"),
    "after.begin_anew": ("提出建议后重新计数", "after a proposal the count begins anew"),
    "cohort.reported": ("本期上报的案卷", "cases reported in the period"),
    "cohort.filed": ("本期立案的案卷", "cases filed in the period"),
    "cohort.dispatched": ("本期派遣的案卷", "cases dispatched in the period"),
    "cohort.due": ("本期到期的案卷", "cases due in the period"),
}
