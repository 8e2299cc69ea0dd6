"""Contracts to Superset: what they say as Superset's own export format, and that export in a running Superset."""
