"""What a process was given is surely its own only for a while after it asked."""

import time

import pytest

from infra.kafka.lease import Lease, steady
from streams.ports import TablesUnavailable


def test_nothing_is_ours_before_anybody_has_answered() -> None:
    with pytest.raises(TablesUnavailable, match="may have lost its partitions"):
        Lease(5).require()


def test_it_counts_from_the_question_and_not_from_the_answer() -> None:
    """The answer may have waited in a socket while the process was stopped."""
    lease = Lease(5)
    lease.renew(steady() - 6)
    with pytest.raises(TablesUnavailable):
        lease.require()
    lease.renew(steady())
    lease.require()
    lease.renew(steady() - 6)  # an older answer takes nothing away
    lease.require()


def test_it_runs_out_by_itself_and_ends_when_told() -> None:
    lease = Lease(0.05)
    lease.renew(steady())
    lease.require()
    time.sleep(0.06)
    assert lease.left <= 0
    lease.renew(steady())
    lease.end()
    with pytest.raises(TablesUnavailable):
        lease.require()
