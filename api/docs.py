"""The API's own documentation, readable without a network and under a strict content policy."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

SWAGGER = "swagger-ui-bundle-5.35.0.js"
SWAGGER_STYLE = "swagger-ui-5.35.0.css"

PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>督办 Duban API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/vendor/{SWAGGER_STYLE}">
</head>
<body>
<div id="api"></div>
<script src="/static/vendor/{SWAGGER}"></script>
<script src="/api/v1/docs/start.js"></script>
</body>
</html>
"""

# The content policy allows no inline script, so the four lines that start it are a file.
START = """SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  tryItOutEnabled: true,
});
"""


def router() -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/docs", page, methods=["GET"])
    routes.add_api_route("/docs/start.js", start, methods=["GET"])
    return routes


def page() -> Response:
    return HTMLResponse(PAGE)


def start() -> Response:
    return Response(START, media_type="text/javascript")
