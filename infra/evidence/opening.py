"""The evidence of a city, at the place that the settings name."""

from domain.evidence.ports import Sealing
from infra.evidence.kept import KeptEvidence
from infra.evidence.places import place_at
from infra.settings import Settings


def open_evidence(settings: Settings, sealing: Sealing) -> KeptEvidence:
    """Nothing is looked at or made yet. Raises ``Invalid`` (``settings.invalid``)."""
    return KeptEvidence(place_at(settings.evidence, settings.evidence_dir), sealing)
