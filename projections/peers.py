"""Who was compared with whom: peers as they stood at the end of a period, as far as was known."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.policies.model import PeerGroups
from projections.reading import Reader, Row

UNIT = "unit-"  # what the names of units' streams begin with


def among_peers(
    reader: Reader, peers: PeerGroups, rows: Sequence[Row], known: Mapping[str, Any]
) -> tuple[list[Row], dict[str, str]]:
    """The rows of units, put back to where they stood, and the peer group of each unit that is
    ranked at all. ``known`` says when that was (``end_at``), and what was known (``as_of``,
    ``up_to``); what was registered later is left out."""
    stood = _stood(reader, known)
    told = [row | before for row in rows if (before := stood.get(row["unit"], row)) is not None]
    districts = _districts(reader, stood) if peers.by == "district" else {}
    groups: dict[str, str] = {}
    for row in told:
        group = peers.name_for(
            kind=row["kind"],
            peer_group=row["peer_group"],
            district=districts.get(row["unit"], ""),
            parent=row["parent"],
        )
        if group is not None:
            groups[row["unit"]] = group
    return told, groups


def _stood(reader: Reader, known: Mapping[str, Any]) -> dict[str, Row | None]:
    """What was different of units then; ``None``: it was not there yet. Mostly there is none."""
    changed = [row["stream_id"] for row in reader.rows("standings.changed", known)]
    if not changed:
        return {}
    then = reader.rows("standings.stood", {**known, "streams": changed})
    absent = dict.fromkeys(stream.removeprefix(UNIT) for stream in changed)
    return absent | {row["unit"]: row for row in then}


def _districts(reader: Reader, stood: Mapping[str, Row | None]) -> dict[str, str]:
    """The district that each unit stood in (a district in itself)."""
    nodes = {row["unit"]: row for row in reader.rows("standings.tree")}
    above = {unit: (stood.get(unit) or row)["parent"] for unit, row in nodes.items()}
    found: dict[str, str] = {}
    for unit in nodes:
        node, seen = unit, {""}
        while node not in seen and node in nodes and nodes[node]["kind"] != "district":
            seen.add(node)
            node = above[node]
        found[unit] = node if node in nodes and node not in seen else ""
    return found
