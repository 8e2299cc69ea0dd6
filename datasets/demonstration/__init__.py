"""Simulated deliveries for a demonstration. Nothing here is a figure of the province; every file says so in its name and title."""

from datasets.demonstration.generate import DemonstrationFile, generate

__all__ = ["DemonstrationFile", "generate"]
