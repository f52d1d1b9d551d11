"""Files that the form of a case sends: the same way as a programme's, and back to the case."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.attaching import MOST_FILES, Upload, Wish, attach
from api.dependencies import Asking, checked_key
from api.pages import case
from api.pages.doing import KEY, Sent, actor_of, led_back, refused_page
from api.pages.happenings import page_of
from api.pages.pieces import upload_address
from api.pages.rendering import Look
from domain.errors import Invalid, Refused
from domain.evidence.commands import AttachEvidence


@dataclass(frozen=True, slots=True)
class Chosen:
    """``problem`` is why the form could not be read ("": it could)."""

    fields: Mapping[str, str]
    files: tuple[Upload, ...]
    problem: str = ""


async def chosen(request: Request) -> AsyncIterator[Chosen]:
    """What the form sent; its files are closed afterwards."""
    try:
        form = await request.form(max_files=MOST_FILES, max_fields=20)
    except HTTPException as error:
        if error.status_code == 413:
            raise
        yield Chosen({}, (), f"send at most {MOST_FILES} files at a time")
        return
    try:
        yield _chosen(form)
    finally:
        await form.close()


def _chosen(form: FormData) -> Chosen:
    """A browser sends a file without a name where none was chosen."""
    parts = form.multi_items()
    fields = {name: value for name, value in parts if isinstance(value, str)}
    files = [value for _, value in parts if isinstance(value, UploadFile) and value.filename]
    return Chosen(fields, tuple(Upload(file.file, file.filename or "") for file in files))


def uploaded(view: Look, key: str, given: Annotated[Chosen, Depends(chosen)]) -> Response:
    """Whatever is refused, the case is shown again with the reason and all that was typed."""
    sent = Sent(given.fields)
    try:
        if given.problem:
            raise Invalid("evidence.too_many", given.problem)
        actor = actor_of(view, sent)
        wish = Wish(key, sent.fields.get("caption", "").strip(), sent.fields.get("person", ""))
        asking = Asking(actor, checked_key(sent.fields.get(KEY, "")), None)
        done = attach(view.services, wish, given.files, asking, wait=True).done
    except Refused as refused:
        page = page_of("case", key)
        view.acted_at(page)
        return refused_page(view, upload_address(key), sent, refused, lambda: case.page(view, key))
    return led_back(sent.back, AttachEvidence, done.position, actor)


def looked_at(view: Look, key: str) -> Response:
    """Whoever reloads the answer to the form gets the case itself."""
    return RedirectResponse(page_of("case", key), 303)
