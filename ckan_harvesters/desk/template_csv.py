"""The template as a text file: the header, in the contract's dialect; of a wide table with its rows' units."""

from __future__ import annotations

from ckan_harvesters.desk.laid import Laid
from ckan_harvesters.desk.written import write_rows
from datasets.model.contract import Resource

BOM = b"\xef\xbb\xbf"


def template_csv(resource: Resource, laid: Laid) -> bytes:
    """With the byte order mark by which Excel reads Vietnamese letters right."""
    rows = [[*row, *([""] * (len(laid.columns) - len(row)))] for row in laid.rows]
    written = write_rows([column.header for column in laid.columns], rows, resource)
    return written.data if written.data.startswith(BOM) else BOM + written.data
