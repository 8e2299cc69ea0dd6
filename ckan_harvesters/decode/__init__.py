"""From the bytes of a delivered file to a frame of text: nothing is typed here, and nothing is guessed.

The decoders are imported when a file is decoded: the process that reads one sheet is of this package too, and needs none of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ckan_harvesters.errors import Refused

if TYPE_CHECKING:
    from ckan_harvesters.decode.decoded import Decoded
    from datasets.model.contract import Resource

__all__ = ["decode"]

ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
OLD_OFFICE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PDF_MAGIC = b"%PDF-"


def decode(path: Path, resource: Resource, apart: bool = True) -> Decoded:
    """Read a delivery as its contract says it is written.

    The first bytes tell a workbook from a text file, whatever the file is called. Columns of the frame are named by the
    contract's fields, all text, with `line` (uint32) the physical line of the file or row of the sheet.
    `apart`: whether a workbook is read in a process of its own; not needed in one that has limits itself.
    Raises Refused when the file as a whole cannot be read under the contract.
    """
    from ckan_harvesters.decode.delimited import decode_delimited
    from ckan_harvesters.decode.workbook import decode_workbook

    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Refused("empty_file")
    if start.startswith(ZIP_MAGIC):
        return decode_workbook(path, resource, apart)
    if start.startswith(OLD_OFFICE_MAGIC):
        raise Refused("old_workbook")
    if start.startswith((PDF_MAGIC, EMPTY_ZIP_MAGIC)):
        raise Refused("not_a_table")
    return decode_delimited(path, resource)
