"""What others publish from here: the red and black lists as a JSON Feed, with retractions."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.dependencies import Fresh
from api.freshness import UNCHANGED, check_fresh, tag_of
from api.problems import READING, documented
from api.reading import Limit
from domain.listings.events import ListName
from projections import instruments
from projections.listings import ListingRow

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"
TITLES = {"red": "红榜", "black": "黑榜"}


def router() -> APIRouter:
    routes = APIRouter(tags=["feeds"])
    routes.add_api_route(
        "/feeds/lists.json",
        lists,
        methods=["GET"],
        summary="The red and black lists to publish, with retractions",
        response_class=JSONResponse,
        responses={
            **documented(READING),
            **UNCHANGED,
            200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}},
        },
    )
    return routes


def lists(
    services: Fresh,
    request: Request,
    response: Response,
    name: Annotated[ListName | None, Query(alias="list", description="one list alone")] = None,
    limit: Limit = 200,
) -> Response:
    """JSON Feed 1.1. Entries under objection are left out until that is decided. An entry that was
    withdrawn comes again as a retraction (``_duban.retracted``), without its text: whoever has
    published it takes it down."""
    check_fresh(request, response, tag_of(services, name or "both"))
    rows = instruments.listed(services.reader, name or "", limit)
    city = services.city()
    feed = {
        "version": VERSION,
        "title": f"{city.name}红黑榜" if name is None else f"{city.name}{TITLES[name]}",
        "language": "zh-CN",
        "home_page_url": str(request.base_url.replace(path="/lists")),
        "feed_url": str(request.url),
        "items": [_item(request, row) for row in rows],
    }
    kept = {key: response.headers[key] for key in ("ETag", "Cache-Control")}
    return JSONResponse(feed, headers=kept, media_type=MEDIA_TYPE)


def _item(request: Request, row: ListingRow) -> dict[str, Any]:
    assert row.published_at is not None  # only what was published is listed
    item: dict[str, Any] = {
        "id": f"urn:duban:listing:{row.listing_id}",
        "title": TITLES[row.list],
        "content_text": row.text,
        "date_published": row.published_at.isoformat(),
        "tags": [row.list],
        "_duban": {
            "list": row.list,
            "period": row.period,
            "authority": row.approved_for,
            "until": row.until.isoformat() if row.until else None,
            "retracted": False,
        },
    }
    if row.status == "withdrawn" and row.ended_at is not None:
        item["title"] = f"撤回：{TITLES[row.list]}"
        item["content_text"] = "本条已撤回，请停止传播并撤下。 Retracted: please take it down."
        item["date_modified"] = row.ended_at.isoformat()
        item["_duban"]["retracted"] = True
    return item
