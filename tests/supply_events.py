"""Events of an expected report in any order, for tests of what they come to."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import get_args

from datasets.model.supply_state import Event, EventKind

POSITION = "van-phong-ubnd-tinh/ban-chi-dao-truong-ban"


def random_events(seed: int, due_at: datetime) -> list[Event]:
    """Up to twelve events of any kind in any order, their moments going on within ten days around the due one; some at one moment."""
    chance = random.Random(seed)
    at = due_at - timedelta(days=5)
    events = []
    for _ in range(chance.randrange(13)):
        at += timedelta(hours=chance.choice([0, 0, 1, 7, 24]), minutes=chance.randrange(60) * chance.randrange(2))
        kind: EventKind = chance.choice(get_args(EventKind))
        received = at - timedelta(minutes=chance.randrange(300)) if kind in ("accepted", "zero") and chance.random() < 0.5 else None
        until = at + timedelta(hours=chance.randrange(-24, 200)) if kind == "excused" else None
        events.append(Event(kind, at, received, rejected=chance.randrange(3), until=until, by=POSITION))
    return events
