"""The template as a text file: the header, in the contract's dialect."""

from __future__ import annotations

from ckan_harvesters.desk.written import write_rows
from datasets.model.contract import Resource

BOM = b"\xef\xbb\xbf"


def template_csv(resource: Resource) -> bytes:
    """The header alone, with the byte order mark by which Excel reads Vietnamese letters right."""
    written = write_rows([f.name for f in resource.schema_.fields], [], resource)
    return written.data if written.data.startswith(BOM) else BOM + written.data
