"""A little of everything that the office decides on, told over HTTP."""

from typing import Any

from infra.bundled import preset_folder
from tests.api.caller import Caller

LIMIT = {"amount": 3, "clock": "working_days"}
EARLY = {"occurred_at": "2020-01-01T00:00:00Z"}
WEEK = {"board": "default", "period": "2020-W10", "peer_group": "street"}


def adopt(api: Caller, *names: str) -> None:
    """Policies of the general sample beside the scores."""
    for name in names:
        api.done("/policies", {"body": preset_folder("default")[f"{name}.yaml"], **EARLY})


def dispatched(api: Caller, case_id: str, unit: str, at: str = "2020-03-04T01:00:00Z") -> int:
    """A grave problem is found at that time and given to a unit, which loses 4 points."""
    when = {"occurred_at": at}
    report = {"source": "patrol", "category": "井盖", "text": "井盖缺失", "severity": "major"}
    api.done("/cases", {**when, **report, "case_id": case_id})
    api.done(f"/cases/{case_id}/file", {**when, "standard": "有安全隐患"})
    done = api.done(f"/cases/{case_id}/dispatch", {**when, "unit": unit, "limit": LIMIT})
    return int(done["position"])


def published(api: Caller, week: dict[str, str] = WEEK) -> str:
    """A ranking that one has composed and another approved and published."""
    ranking = str(api.done("/rankings", week, actor="clerk")["id"])
    draft = api.json(f"/rankings/{ranking}")["draft"]["checksum"]
    api.done(f"/rankings/{ranking}/approve", {"checksum": draft}, actor="chief")
    api.done(f"/rankings/{ranking}/publish", actor="chief")
    return ranking


def slip(slip_id: str, unit: str, because: int, **more: Any) -> dict[str, Any]:
    matter = slip_id.rpartition(".")[0]
    told = {"zh": "案件超期未办结", "en": "the case was not answered in time", "events": [because]}
    said = {"ladder": "three-colours", "colour": "white", "limit": LIMIT, "authority": "督查办"}
    return {"slip_id": slip_id, "unit": unit, "case_id": matter, "reason": told, **said, **more}


def money(money_id: str, unit: str, ranking: str, **more: Any) -> dict[str, Any]:
    told = {"zh": "本周排名末位", "en": "last place of the week"}
    said = {"direction": "deduction", "amount": "1000000", "currency": "CNY", "period": "2020-W10"}
    proposal = {"money_id": money_id, "unit": unit, "ranking": ranking, "reason": told}
    return {**proposal, "authority": "市政府", **said, **more}


def entry(listing_id: str, unit: str, **more: Any) -> dict[str, Any]:
    told = {"zh": "本周排名末位", "en": "last place of the week"}
    said = {"list": "black", "rule": "last", "authority": "市创卫办", "reason": told}
    return {"listing_id": listing_id, "unit": unit, **said, **more}


def action(accountability_id: str, unit: str, **more: Any) -> dict[str, Any]:
    told = {"zh": "连续两周末位", "en": "last in two weeks"}
    said = {"action": "interview", "organ": "督查办", "authority": "市政府", "reason": told}
    return {"accountability_id": accountability_id, "unit": unit, **said, **more}
