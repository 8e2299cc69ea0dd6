"""Compile the Vietnamese catalogue: `python -m superset_ioc.make_catalogue` after an edit of a `messages.po`.

Out of each language's `messages.po`, which people edit, come `messages.mo` for the server and `messages.json` (Jed) for the browser. All
three are in the repository, so that nothing has to be compiled at installation; a test holds that they agree.
"""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from superset_ioc.language import TRANSLATIONS


def read_catalogue(file: Path) -> Any:
    """Babel's catalogue of a `.po` file."""
    from babel.messages.pofile import read_po

    with file.open("rb") as source:
        return read_po(source, domain="messages")


def jed(catalogue: Any) -> str:
    """The catalogue as the browser's library reads it, with untranslated texts left out."""
    language = str(catalogue.locale)
    texts: dict[str, Any] = {"": {"domain": "superset", "lang": language, "plural_forms": catalogue.plural_forms}}
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            singular = message.id if isinstance(message.id, str) else message.id[0]
            texts[singular] = [message.string] if isinstance(message.string, str) else list(message.string)
    return json.dumps({"domain": "superset", "locale_data": {"superset": texts}}, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def compiled(catalogue: Any) -> bytes:
    """The catalogue as Babel loads it."""
    from babel.messages.mofile import write_mo

    target = BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def main() -> int:
    """Compile every language's catalogue."""
    for file in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        catalogue = read_catalogue(file)
        file.with_suffix(".mo").write_bytes(compiled(catalogue))
        file.with_suffix(".json").write_text(jed(catalogue), encoding="utf-8")
        sys.stdout.write(f"{file.parent.parent.name}: {len(catalogue)} texts\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
