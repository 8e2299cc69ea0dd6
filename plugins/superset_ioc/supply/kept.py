"""What the board read stands for a few seconds, unless something happened meanwhile: many screens ask for the same every half minute."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict

from superset_ioc.supply.board_store import Ask, Read, read_board
from superset_ioc.supply.filters import Filters

SECONDS = dt.timedelta(seconds=10)
"""A report that becomes due, late or excused by the clock alone is seen this much later at most."""
MOST_KEPT = 64

MARK = "SELECT supply.now(), (SELECT max(event) FROM supply.event), (SELECT max(report) FROM supply.report)"


class KeptBoards:
    """Boards that were read, by audience and filters."""

    def __init__(self, seconds: dt.timedelta = SECONDS, most_kept: int = MOST_KEPT) -> None:
        self._seconds = seconds
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, Filters], tuple[object, Read]] = OrderedDict()

    def of(self, ask: Ask, audience: str, filters: Filters, zone: dt.tzinfo) -> Read:
        """The board of this moment, or of a few seconds before when no event and no report came since. Raises what asking raises."""
        ((now, *mark),) = ask(MARK, {})
        with self._lock:
            kept = self._kept.get((audience, filters))
        if kept is not None and kept[0] == mark and dt.timedelta() <= now - kept[1].options.now < self._seconds:
            return kept[1]
        read = read_board(ask, filters, zone)
        with self._lock:
            self._kept[audience, filters] = (mark, read)
            self._kept.move_to_end((audience, filters))
            while len(self._kept) > self._most_kept:
                self._kept.popitem(last=False)
        return read
