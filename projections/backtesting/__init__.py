"""History under other policies, beside the ones that judged it."""

from projections.backtesting.replaying import backtest
from projections.backtesting.results import Backtest, Change, Move, Standing

__all__ = ["Backtest", "Change", "Move", "Standing", "backtest"]
