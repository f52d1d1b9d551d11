"""The package of a ranking holds what its points are from."""

import json
from pathlib import Path

from tests.support.packages import busiest, codes, files_in, log_key, packed, witnessed_city


def test_a_ranking_comes_with_the_events_that_its_points_are_from(tmp_path: Path) -> None:
    with witnessed_city(tmp_path, days=6) as city:
        key = busiest(city, "ranking")
        package = packed(city, "ranking", key)
        assert codes(package, [log_key(city)]) == []
        lines = [json.loads(line) for line in files_in(package)["events.jsonl"].splitlines()]
        published = next(line for line in lines if line["type"].startswith("ranking.published/"))
        entries = sum(row["entries"] for row in published["body"]["rows"])
        assert 0 < len([x for x in lines if not x["stream"].startswith("ranking-")]) <= 2 * entries
        assert all(x["position"] <= published["position"] for x in lines if "case-" in x["stream"])
