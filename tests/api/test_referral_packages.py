"""What goes into the package of a referral: all it rests on, each event with its digest."""

from hashlib import sha256

from api.preparing import group, prepare
from domain.accountability import commands as a
from domain.accountability.commands import PackReferral
from domain.accountability.decide import package_digest
from domain.accountability.events import AccountabilityProposed, PackedEvent, ReferralPacked
from domain.listings.events import ListingProposed, ListingPublished
from domain.messages import Append, Command, Event, Metadata, StreamEvents
from domain.reasons import Reason
from domain.requests import Request, digest_of
from infra.runtime import Runtime
from projections.events import leaf
from streams.wire import Decoding
from tests.api.caller import Caller
from tests.support.memory_log import REGISTRY
from tests.support.specification import MONDAY


def stored(runtime: Runtime, stream: str, *events: Event) -> list[int]:
    """Their positions. As they would stand in the log, whoever decided on them."""
    who = Metadata(actor="officer", occurred_at=MONDAY)
    streams = [StreamEvents(stream, 0, [(event, who) for event in events])]
    (done,) = runtime.store.append([Append(f"test/{stream}", stream, streams)])
    assert not isinstance(done, Exception)
    runtime.catch_up()
    return list(range(done.first_position, done.last_position + 1))


def because(*positions: int, policy: str = "") -> Reason:
    return Reason(zh="上榜", en="listed", policy=policy, events=positions)


def proposed(reason: Reason) -> ListingProposed:
    return ListingProposed(list="black", rule="black", authority="city", unit="lake", reason=reason)


def test_a_package_holds_everything_its_reasons_name_and_they_name_in_turn(
    api: Caller, runtime: Runtime
) -> None:
    report = {"source": "patrol", "category": "litter", "text": "x"}
    case = api.done("/cases", {"case_id": "REF1", **report})["position"]
    api.done("/cases", {"case_id": "REF2", **report})
    until = MONDAY.replace(year=2027)
    first = stored(runtime, "listing-L1", proposed(because(case)), ListingPublished(until=until))
    second = stored(runtime, "listing-L2", proposed(because()), ListingPublished(until=until))
    reason = because(first[1], second[1], 10**9, policy="default@1#abc")
    referral = AccountabilityProposed(
        action="referral", unit="lake", organ="纪委", authority="city", reason=reason
    )
    own = stored(runtime, "accountability-REF", referral)
    packed = package(runtime, "REF")
    assert [(event.stream, event.position) for event in packed if event.position > case - 1] == [
        ("case-REF1", case), *(("listing-L1", p) for p in first),
        *(("listing-L2", p) for p in second), ("accountability-REF", own[0]),
    ]  # fmt: skip
    assert packed[0].event == "policy.adopted"
    assert [event.position for event in packed] == sorted(event.position for event in packed)
    steps = Decoding(REGISTRY).steps(runtime.store.read_raw(0, 10_000))
    hashes = {s.envelope.position: sha256(b"\0" + leaf(s)).hexdigest() for s in steps}
    assert {event.position: event.digest for event in packed}.items() <= hashes.items()


def package(runtime: Runtime, referral: str) -> tuple[PackedEvent, ...]:
    asked = PackReferral(accountability_id=referral)
    command = prepare(runtime.services, asked)
    assert isinstance(command, PackReferral)
    return command.events


def test_a_referral_is_packed_with_its_own_history(api: Caller, runtime: Runtime) -> None:
    report = {"source": "patrol", "category": "litter", "text": "x"}
    case = api.done("/cases", {"case_id": "REF3", **report})["position"]
    key = {"accountability_id": "PACK"}
    words = {"action": "referral", "unit": "lake", "organ": "纪委", "authority": "city"}
    steps: tuple[tuple[str, Command], ...] = (
        ("clerk", a.ProposeAccountability(**key, **words, reason=because(case))),
        ("auditor", a.ReviewAccountability(**key)),
        ("mayor", a.DecideAccountability(**key, decision="ordered", authority="city", reason="x")),
        ("clerk", PackReferral(**key)),
    )
    for number, (actor, command) in enumerate(steps):
        asked, name = Request(command, actor), f"pack/{number}"
        runtime.desk.handle(group(runtime.services, asked, name), name, digest_of([asked]))
    *before, packed = runtime.store.load("accountability-PACK")
    assert isinstance(packed.event, ReferralPacked)
    assert [e.stream for e in packed.event.events] == ["case-REF3", *["accountability-PACK"] * 3]
    assert [e.position for e in packed.event.events][1:] == [e.position for e in before]
    assert packed.event.digest == package_digest(packed.event.events)


def test_a_referral_nobody_proposed_has_an_empty_package(api: Caller, runtime: Runtime) -> None:
    assert package(runtime, "nobody") == ()
