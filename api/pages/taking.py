"""Taking a package along: the form, how far it is, and the file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from api.packages import MEDIA_TYPE
from api.packing import Job
from api.pages.doing import Given
from api.pages.named import ORDERS, PACKED, ROOM, name_of, ways_of, ways_of_actor
from api.pages.rendering import Look, View
from api.pages.then import Moment, moment_of
from api.recording import record_purpose
from domain.errors import Invalid, NotFound
from domain.moments import NOW
from projections.histories import load, state
from projections.packages import Order
from projections.past.kinds import Kind

JobId = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form says."""

    language: str
    evidence: bool
    persons: bool
    purpose: str


def form(kind: Kind) -> Callable[..., Response]:
    def shown(view: Look, key: str, as_of: Annotated[str, Query(max_length=60)] = "") -> Response:
        fresh = Typed(view.t.language, True, False, "")
        return _form(view, kind, key, moment_of(view, as_of), fresh)

    return shown


def order(kind: Kind) -> Callable[..., Response]:
    """A form that was sent: recorded as an export, with its purpose."""

    def begun(view: Look, key: str, given: Given) -> Response:
        fields = given.fields
        typed = Typed(
            "en" if fields.get("lang") == "en" else "zh", "evidence" in fields,
            "persons" in fields, fields.get("purpose", "").strip(),
        )  # fmt: skip
        asked = moment_of(view, fields.get("as_of", ""))
        if asked.error:
            return _form(view, kind, key, asked, typed)
        if typed.persons and not typed.purpose:
            wrong = Moment(
                asked.then, asked.as_of, error=view.t("pack.purpose_missing"),
                code="purpose.missing", status=400,
            )  # fmt: skip
            return _form(view, kind, key, wrong, typed)
        if typed.purpose:
            record_purpose(view.services, view.request, key, typed.purpose)
        known(view, kind, key)
        wanted = Order(
            ORDERS[kind.things], key, asked.then, "en" if typed.language == "en" else "zh",
            typed.evidence, typed.persons,
        )  # fmt: skip
        job = view.site.packing.begin(wanted)
        return RedirectResponse(f"{ROOM}/packing/{job.id}", 303)

    return begun


def progress(view: Look, job: str) -> Response:
    """How far it is; the page asks again by itself, without JavaScript too."""
    found = view.site.packing.look(job)
    kind = found.order.kind
    things = next(things for things, ordered in ORDERS.items() if ordered == kind)
    place = f"{ROOM}/{things}/{quote(found.order.key, safe='')}"
    return view.render(
        "packing.html",
        section="audit",
        job=found,
        kind=kind,
        key=found.order.key,
        again=f"{place}/pack",
        file=f"{place}/package.zip?{urlencode({'job': found.id})}",
        error=_said(view, found),
        name=file_name(found.order),
        command=_command(view, found.order),
    )


def file(kind: Kind) -> Callable[..., Response]:
    def sent(view: Look, key: str, job: JobId = "") -> Response:
        found = view.site.packing.look(job)
        if (found.order.kind, found.order.key) != (ORDERS[kind.things], key):
            raise NotFound("package.gone", "that package is of something else")
        name = quote(file_name(found.order), safe="")
        return Response(
            view.site.packing.read(found),
            media_type=MEDIA_TYPE,
            headers={
                "Content-Disposition": (
                    f"attachment; filename=\"package.zip\"; filename*=UTF-8''{name}"
                ),
                "Cache-Control": "no-store",
            },
        )

    return sent


def file_name(order: Order) -> str:
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in order.key)
    return f"{order.kind}-{name}.zip"


def known(view: View, kind: Kind, key: str) -> Any:
    """How it stands now; ``None``: somebody who is known by acting alone. Raises ``NotFound``."""
    try:
        return state(load(view.services.store, kind.snapshot, key), kind.snapshot, NOW)
    except NotFound:
        if kind.name != "person":
            raise
        return None


def _command(view: View, order: Order) -> str:
    key = next(iter(view.services.transparency.keys()), "")
    return f"duban verify {file_name(order)} --key '{key}'"


def _said(view: View, job: Job) -> str:
    told = view.t.of("refused", job.code)
    return job.error if told == job.code else told


def _form(view: View, kind: Kind, key: str, asked: Moment, typed: Typed) -> Response:
    if kind.name not in PACKED:
        raise Invalid("package.kind", f"no packages are made of {kind.things}")
    row = known(view, kind, key)
    return view.render(
        "pack.html",
        asked.status,
        section="audit",
        kind=kind.name,
        key=key,
        called=name_of(row, kind, key),
        ways=ways_of(kind.name, key) if row is not None else ways_of_actor(key),
        asked=asked,
        typed=typed,
        keys=view.services.transparency.keys(),
        action=f"{ROOM}/{kind.things}/{quote(key, safe='')}/package",
    )
