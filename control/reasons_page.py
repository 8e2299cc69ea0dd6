"""The page docs/reference/errors.md: every reason that a receipt may give, made from the catalogues in `locale/`.

`python -m control.reasons_page` writes it; a test holds that it is as the catalogues say.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from control.settings import ROOT
from datasets.model.messages import catalogue

PAGE = ROOT / "docs" / "reference" / "errors.md"

HEAD = """# Reasons in a receipt

*Lý do trong biên nhận.* Made from `locale/` by `python -m control.reasons_page`; a change here is overwritten. Words in
{braces} are filled in for each case.

"""

# Prefix of the codes → heading and what it means for whoever reads the receipt.
SECTIONS = {
    "rule.": (
        "Dòng bị loại · rows rejected, and warnings about rows",
        "A row that breaks its contract is kept with its line, column, value and the reason; the other rows load. The publisher\n"
        "mends the rows and delivers the whole file again in the same delivery.",
    ),
    "refused.": (
        "Tệp không được tiếp nhận · deliveries refused",
        "The delivery breaks its contract as a whole. What was delivered before goes on being served. The publisher mends the\n"
        "file and delivers it again in the same delivery.",
    ),
    "receipt.state.": (
        "Trạng thái · states of a receipt",
        "Only `failed` is ours to mend: it is tried again, and the worker's log (`./ioc logs worker`) says why.",
    ),
}


def page(texts: Mapping[str, Mapping[str, str]]) -> str:
    """The page from catalogues by language ("vi", "en"): code → text."""
    parts = [HEAD]
    for prefix, (heading, meaning) in SECTIONS.items():
        codes = sorted(code for code in texts["vi"] if code.startswith(prefix))
        rows = [f"| `{code}` | {_cell(texts['vi'][code])} | {_cell(texts['en'].get(code, ''))} |" for code in codes]
        parts.append("\n".join([f"## {heading}", "", meaning, "", "| code | tiếng Việt | English |", "|---|---|---|", *rows, "", ""]))
    return "".join(parts).rstrip("\n") + "\n"


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|").strip()


def current() -> str:
    """The page as the catalogues of the checkout make it."""
    return page({lang: catalogue(lang) for lang in ("vi", "en")})


def write(path: Path = PAGE) -> None:
    path.write_text(current())


if __name__ == "__main__":
    write()
