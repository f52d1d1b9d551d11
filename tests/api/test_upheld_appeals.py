"""What an upheld appeal undoes in the same step: a timeout, a list entry, a deduction."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from domain.listings import commands as li
from domain.messages import Command
from domain.money import commands as m
from domain.rankings.commands import ranking_key
from domain.reasons import Reason
from domain.requests import Request
from infra.bundled import preset_folder
from infra.runtime import Runtime
from tests.api.caller import Caller

NUMBERS = count(1)
REASON = Reason(zh="末位", en="last place")
DUE = "2026-03-04T01:00:00+00:00"


@pytest.fixture(scope="module", autouse=True)
def rules(api: Caller) -> None:
    text = preset_folder("default")["appeals.yaml"]
    api.done("/policies", {"body": text, "occurred_at": "2020-01-01T00:00:00Z"})


def told(runtime: Runtime, *steps: tuple[str, Command]) -> None:
    for actor, command in steps:
        runtime.desk.handle([Request(command, actor)], f"story/{next(NUMBERS)}")
    runtime.catch_up()


def upheld(api: Caller, against: str, subject: str, reviewer: str = "reviewer") -> Any:
    body = {"against": against, "subject": subject, "unit": "lake", "grounds": "not ours"}
    appeal = api.done("/appeals", body, actor="lake chief")["id"]
    return api.done(f"/appeals/{appeal}/uphold", {"reason": "so it is"}, actor=reviewer)


def names(runtime: Runtime, stream: str) -> list[str]:
    return [envelope.event.NAME for envelope in runtime.store.load(stream)]


def together(runtime: Runtime, done: Any) -> Sequence[str]:
    """What was stored in the one append that ended at the position of the answer."""
    events = runtime.store.read(done["position"] - 2, 2)
    assert len({event.recorded_at for event in events}) == 1
    return [event.event.NAME for event in events]


def overdue(api: Caller, case: str) -> None:
    at = {"occurred_at": "2026-03-02T01:00:00Z"}
    report = {"source": "patrol", "category": "litter", "text": "x", "severity": "minor"}
    limit = {"amount": 2, "clock": "natural_days"}
    api.done("/cases", {"case_id": case, **report, **at})
    api.done(f"/cases/{case}/file", {"standard": "4.1", **at})
    api.done(f"/cases/{case}/dispatch", {"unit": "lake", "limit": limit, **at})
    late = {"due_at": DUE, "occurred_at": DUE}
    api.done(f"/cases/{case}/mark-overdue", late)


def balance(api: Caller) -> Decimal:
    entries = api.json("/rankings/entries", unit="lake", period="2026-03")["items"]
    return sum((Decimal(entry["points"]) for entry in entries), Decimal(0))


def test_a_timeout_no_longer_counts_and_stays_on_record(api: Caller, runtime: Runtime) -> None:
    overdue(api, "T1")
    before = balance(api)
    done = upheld(api, "timeout", f"T1@{DUE}")
    assert together(runtime, done) == ["appeal.upheld", "case.exempted"]
    assert balance(api) == before + 2
    assert names(runtime, "case-T1")[-2:] == ["case.overdue", "case.exempted"]
    (row,) = runtime.services.reader.rows("appeals.entries_of", {"position": done["position"] - 1})
    assert (row["clause"], row["points"], row["event"]) == ("overdue", 2, "appeal.upheld")


def test_a_timeout_is_exempted_by_an_upheld_appeal_alone(api: Caller, runtime: Runtime) -> None:
    overdue(api, "T2")
    body = {"against": "timeout", "subject": f"T2@{DUE}", "unit": "lake", "grounds": "not ours"}
    appeal = api.done("/appeals", body, actor="lake chief")["id"]
    for named in (appeal, "none"):
        said = {"due_at": DUE, "appeal": named}
        found = api.refused("/cases/T2/exempt", said, actor="lake chief")
        assert (found["status"], found["code"]) == (409, "case.not_appealed")


def published_entry(runtime: Runtime, entry: str) -> None:
    key = {"listing_id": entry}
    told(
        runtime,
        ("clerk", li.ProposeListing(
            **key, list="black", rule="black", unit="lake", authority="works", reason=REASON)),
        ("editor", li.ReviewListing(**key, personal_data="none", text="湖滨街道")),
        ("chief", li.ApproveListing(**key, authority="works")),
        ("editor", li.PublishListing(**key)),
    )  # fmt: skip


def test_a_list_entry_is_withdrawn(api: Caller, runtime: Runtime) -> None:
    published_entry(runtime, "L1")
    done = upheld(api, "list_entry", "L1")
    assert together(runtime, done) == ["appeal.upheld", "listing.withdrawn"]
    body = {"against": "list_entry", "subject": "L1", "unit": "lake", "grounds": "not ours"}
    assert api.refused("/appeals", body)["code"] == "appeal.subject_over"


def test_a_list_entry_under_objection_falls_with_it(api: Caller, runtime: Runtime) -> None:
    published_entry(runtime, "L2")
    told(runtime, ("lake deputy", li.ObjectToListing(listing_id="L2", grounds="not ours")))
    done = upheld(api, "list_entry", "L2")
    assert together(runtime, done) == ["appeal.upheld", "listing.objection_upheld"]


def test_whoever_had_a_hand_in_the_entry_may_not_review_it(api: Caller, runtime: Runtime) -> None:
    published_entry(runtime, "L3")
    body = {"against": "list_entry", "subject": "L3", "unit": "lake", "grounds": "not ours"}
    appeal = api.done("/appeals", body, actor="lake chief")["id"]
    for hand in ("clerk", "editor", "chief", "lake chief"):
        found = api.refused(f"/appeals/{appeal}/uphold", {"reason": "x"}, actor=hand)
        assert found["code"] == "appeal.took_part"


def published_ranking(api: Caller, runtime: Runtime) -> str:
    named = ("default", "2026-03", "street")
    ranking = ranking_key(*named)
    body = dict(zip(("board", "period", "peer_group"), named, strict=True))
    api.done("/rankings", body, actor="clerk")
    checksum = runtime.desk.state(f"ranking-{ranking}")[1].draft.checksum
    api.done(f"/rankings/{ranking}/approve", {"checksum": checksum}, actor="chief")
    api.done(f"/rankings/{ranking}/publish", actor="clerk")
    return ranking


def test_a_deduction_is_revoked_once_the_unit_was_told_of_it(api: Caller, runtime: Runtime) -> None:
    overdue(api, "T3")
    key = {"money_id": "M1"}
    proposal = m.ProposeMoney(
        **key, unit="lake", direction="deduction", amount=Decimal(1000000), currency="CNY",
        period="2026-03", ranking=published_ranking(api, runtime), authority="city",
        reason=REASON,
    )  # fmt: skip
    told(
        runtime,
        ("clerk", proposal),
        ("auditor", m.ReviewMoney(**key)),
        ("mayor", m.ApproveMoney(**key, authority="city")),
    )
    body = {"against": "money", "subject": "M1", "unit": "lake", "grounds": "not ours"}
    assert api.refused("/appeals", body)["code"] == "appeal.subject_unknown"
    told(runtime, ("clerk", m.IssueMoney(**key)))
    done = upheld(api, "money", "M1")
    assert together(runtime, done) == ["appeal.upheld", "money.revoked"]
    assert runtime.desk.state("money-M1")[1].status == "revoked"
