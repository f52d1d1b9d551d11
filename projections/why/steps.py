"""What was done, and what may be done next, in words: events and commands of what is proposed."""

from collections.abc import Mapping

from projections.why.answers import Said

# By the part of the name after the dot.
DONE: Mapping[str, Said] = {
    "proposed": Said("提出", "proposed it"),
    "reviewed": Said("审核", "reviewed it"),
    "approved": Said("批准", "approved it"),
    "declined": Said("不予采纳", "declined it"),
    "decided": Said("作出决定", "decided"),
    "issued": Said("下达", "issued it"),
    "served": Said("送达", "served it"),
    "answered": Said("回复", "answered it"),
    "answer_rejected": Said("退回回复", "did not accept the answer"),
    "excused": Said("记录正当理由", "put a good reason on record"),
    "failed": Said("记为逾期", "recorded that it failed"),
    "lifted": Said("解除", "lifted it"),
    "withdrawn": Said("撤回", "withdrew it"),
    "settled": Said("结算", "settled it"),
    "revoked": Said("撤销", "revoked it"),
    "published": Said("公布", "published it"),
    "corrected": Said("公布更正", "published a correction"),
    "composed": Said("编制", "composed it"),
    "objected": Said("提出异议", "objected to it"),
    "objection_dismissed": Said("驳回异议", "dismissed the objection"),
    "objection_upheld": Said("采纳异议", "upheld the objection"),
    "expired": Said("期满", "recorded that its time was over"),
    "carried_out": Said("实施", "carried it out"),
    "packed": Said("成卷", "put the package together"),
    "receipted": Said("登记回执", "recorded the receipt"),
    "outcome_recorded": Said("登记结论", "recorded the outcome"),
    "filed": Said("提出申诉", "appealed"),
    "upheld": Said("裁定申诉成立", "upheld it"),
    "dismissed": Said("裁定申诉不成立", "dismissed it"),
}
NEXT: Mapping[str, Said] = {
    "review": Said("审核", "review"),
    "approve": Said("批准", "approval"),
    "decline": Said("不予采纳", "declining it"),
    "decide": Said("作出决定", "a decision"),
    "issue": Said("下达", "issue"),
    "serve": Said("送达", "service"),
    "answer": Said("回复", "an answer"),
    "reject_answer": Said("退回回复", "rejection of the answer"),
    "excuse": Said("记录正当理由", "a good reason on record"),
    "fail": Said("到期未回复而记为逾期", "its failure, once the limit has passed"),
    "expire": Said("期满", "its end, once the time is over"),
    "lift": Said("解除", "lifting it"),
    "withdraw": Said("撤回", "withdrawal"),
    "settle": Said("结算", "settlement"),
    "revoke": Said("撤销", "revocation"),
    "publish": Said("公布", "publication"),
    "object": Said("提出异议", "an objection"),
    "uphold_objection": Said("采纳异议", "upholding the objection"),
    "dismiss_objection": Said("驳回异议", "dismissal of the objection"),
    "carry_out": Said("实施", "carrying it out"),
    "pack": Said("成卷移送", "the package"),
    "receipt": Said("登记回执", "the receipt"),
    "record_outcome": Said("登记外部机关结论", "the outcome"),
    "uphold": Said("裁定成立", "upholding it"),
    "dismiss": Said("裁定不成立", "dismissal"),
}


def step_in_words(event: str) -> Said:
    name = event.partition(".")[2]
    return DONE.get(name, Said(event, event))


def command_in_words(command: str) -> Said:
    name = command.partition(".")[2]
    return NEXT.get(name, Said(command, command))
