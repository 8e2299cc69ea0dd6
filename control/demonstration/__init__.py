"""The demonstration: simulated files, delivered in CKAN by the agencies' own editors in the order of time, and waited for."""

from control.demonstration.run import deliver_demonstration, demonstrate

__all__ = ["deliver_demonstration", "demonstrate"]
