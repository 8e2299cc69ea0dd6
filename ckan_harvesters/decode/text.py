"""Bytes to text: the declared encoding, never another one, and NFC afterwards."""

from __future__ import annotations

import codecs
import unicodedata

from charset_normalizer import from_bytes

from ckan_harvesters.errors import Refused

SAMPLE = 256 * 1024
HTML_STARTS = ("<!doctype html", "<html", "<head", "<body", "<?xml", "<script")
VIETNAMESE = frozenset("ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")
UNDECLARED = "?"
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_text(data: bytes, declared: str) -> str:
    """Text of a file in its declared encoding, in NFC, without byte order mark.

    Raises Refused: `empty_file`; `html` for a page instead of a table; `truncated` when the file stops inside a letter;
    `encoding` when the bytes are not what the contract declares, naming what they seem to be.
    """
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise Refused("empty_file")
    if _is_html(data):
        raise Refused("html")
    text = _strict(data, declared)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.removeprefix("\ufeff")


def _strict(data: bytes, declared: str) -> str:
    marked = next((name for bom, name in BOMS if data.startswith(bom)), None)
    name = codecs.lookup(declared).name
    family = name.replace("-sig", "").replace("-le", "").replace("-be", "")
    if marked == "utf-8":
        # The mark says what the file is without doubt, so an agency whose program writes it need not change its contract.
        family = "utf-8"
    elif marked is not None and marked != family:
        raise _refused(declared, marked)
    elif marked is None and family not in ("utf-8", "ascii") and not data.isascii() and _is_utf8(data):
        # Almost any bytes are letters of a one-byte encoding: UTF-8 read as one would be stored as nonsense.
        raise _refused(declared, "utf-8")
    try:
        return data.decode("utf-8-sig" if family == "utf-8" else declared)
    except UnicodeDecodeError as error:
        if family == "utf-8" and error.reason == "unexpected end of data":
            raise Refused("truncated", line=data.count(b"\n") + 1) from error
        if family == "utf-16" and error.reason == "truncated data":
            raise Refused("truncated", line=data.count(b"\n") + 1) from error
        raise _refused(declared, seems(data), data.count(b"\n", 0, error.start) + 1) from error


def seems(data: bytes) -> str:
    """Name of the encoding the bytes seem to be in, to tell the publisher; it is never used for reading."""
    for bom, name in BOMS:
        if data.startswith(bom):
            return name
    if _is_utf8(data):
        return "utf-8"
    sample = data[:SAMPLE]
    if sample.count(b"\x00") > len(sample) // 4:
        return "utf-16"
    try:
        letters = [c for c in unicodedata.normalize("NFC", sample.decode("cp1258")).casefold() if c.isalpha() and not c.isascii()]
    except UnicodeDecodeError:
        letters = []
    if letters and sum(c in VIETNAMESE for c in letters) >= 0.95 * len(letters):
        return "windows-1258"
    best = from_bytes(sample).best()
    return best.encoding.replace("_", "-") if best else UNDECLARED


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_html(data: bytes) -> bool:
    start = data[:2048].replace(b"\x00", b"").decode("latin-1").removeprefix("ï»¿").lstrip().casefold()
    return start.startswith(HTML_STARTS)


def _refused(declared: str, seeming: str, line: int | None = None) -> Refused:
    return Refused("encoding", declared=declared, seems=seeming, line=line or 1)
