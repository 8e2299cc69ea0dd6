"""Simulated deliveries for a demonstration. Nothing here is a figure of the province; every file says so in its name and title."""

from datasets.demonstration.generate import DemonstrationFile, generate
from datasets.demonstration.history import DemonstrationExcuse, History, history_of

__all__ = ["DemonstrationExcuse", "DemonstrationFile", "History", "generate", "history_of"]
