"""The one list of read tables."""

from projections.accountability import ACCOUNTABILITY
from projections.appeals import APPEALS
from projections.bulletins import BULLETINS
from projections.cases import CASES
from projections.events import EVENTS
from projections.evidence import EVIDENCE_STEPS
from projections.inspections import INSPECTIONS
from projections.involvements import INVOLVEMENTS
from projections.ledger import LEDGER
from projections.listings import LISTINGS
from projections.money import MONEY
from projections.penalties import PENALTIES
from projections.persons import PERSONS
from projections.policies import POLICIES
from projections.projection import Projection, View
from projections.publications import PUBLICATIONS
from projections.readings import READINGS
from projections.reads import READS
from projections.scores import SCORES
from projections.slips import SLIPS
from projections.units import UNITS
from projections.words import SEARCHED

PROJECTIONS: tuple[Projection, ...] = (
    EVENTS,
    UNITS,
    INSPECTIONS,
    CASES,
    PENALTIES,
    POLICIES,
    SCORES,
    PUBLICATIONS,
    BULLETINS,
    SLIPS,
    MONEY,
    LEDGER,
    LISTINGS,
    ACCOUNTABILITY,
    APPEALS,
    READINGS,
    PERSONS,
    READS,
    EVIDENCE_STEPS,
    INVOLVEMENTS,
    SEARCHED,
)

# In the order of making: a view is made of what stands before it.
VIEWS: tuple[View, ...] = (
    View("deadlines"), View("rankings"), View("indicators"), View("evidence"),
)  # fmt: skip

TABLES: tuple[str, ...] = tuple(p.table for p in (*PROJECTIONS, *VIEWS))
