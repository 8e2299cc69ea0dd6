"""Compile the catalogues: `python -m ckanext.ioc.make_catalogue` in this folder of the source, after an edit of a `ckanext-ioc.po`.

Out of each language's `.po`, which people edit and CKAN makes the browser's texts from, comes the `.mo` that the server reads. Both are
in the repository, so that nothing has to be compiled at installation; a test holds that they agree.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

FOLDER = Path(__file__).parent / "i18n"
DOMAIN = "ckanext-ioc"


def compiled(file: Path) -> bytes:
    """The catalogue in a `.po` file as gettext loads it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with file.open("rb") as source:
        catalogue = read_po(source, domain=DOMAIN)
    target = BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def main() -> int:
    """Compile every language's catalogue."""
    for file in sorted(FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        compact = compiled(file)
        file.with_suffix(".mo").write_bytes(compact)
        sys.stdout.write(f"{file.parent.parent.name}: {len(compact)} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
