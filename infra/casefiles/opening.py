"""Makes packages; what that needs is loaded with the first one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from projections.packages import Order, Packed

if TYPE_CHECKING:
    from infra.casefiles.packing import Sources


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """``api.services.Packages``."""

    sources: "Callable[[], Sources]"

    def pack(
        self, order: Order, file: BinaryIO, report: Callable[[int, int], None] = lambda d, t: None
    ) -> Packed:
        from infra.casefiles.packing import pack

        return pack(self.sources(), order, file, report)
