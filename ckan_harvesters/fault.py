"""Places where a test may have the process killed, to see that nothing is left half done."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Literal

Point = Literal["during-copy", "before-commit", "after-commit"]


def fault(point: Point) -> None:
    """Kills this process when IOC_FAULT names the point and IOC_FAULT_FILE exists; the file goes first, so that it happens once."""
    if os.environ.get("IOC_FAULT") != point:
        return
    once = os.environ.get("IOC_FAULT_FILE", "")
    if once and Path(once).exists():
        Path(once).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
