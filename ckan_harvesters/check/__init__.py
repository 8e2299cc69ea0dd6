"""From a frame of text to rows of the store: every value against its contract, and nothing guessed."""

from ckan_harvesters.check.check import CheckedRows, check

__all__ = ["CheckedRows", "check"]
