"""Texts that the parts share, in Vietnamese, English and French: `locale/<language>.yaml`, code to text."""

from __future__ import annotations

import logging
import string
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from datasets.model.problem import ContractError, ContractProblem
from datasets.model.yaml_document import read_yaml

LANGUAGES = ("vi", "en", "fr")
LOCALE = Path(__file__).parents[2] / "locale"

log = logging.getLogger(__name__)


def say(code: str, lang: str = "vi", /, **params: Any) -> str:
    """The text of a code in a language ("fr_FR" reads as "fr"; one we do not have reads as Vietnamese).

    A code that no catalogue has comes back as it is, and a parameter that was not given stays in braces: a receipt
    must be readable even when the harvest knows a reason that the reader's version does not. Both are logged.
    A parameter may be a mapping of languages to texts.
    """
    text = catalogue(lang.lower().replace("-", "_").split("_")[0]).get(code)
    if text is None:
        log.warning("no text for the code %s in %s", code, lang)
        return " ".join([code, *(f"{name}={value}" for name, value in params.items() if value is not None)])
    return _Filler().vformat(text, (), {name: in_language(value, lang) for name, value in params.items()})


def in_language(value: Any, lang: str) -> Any:
    """A parameter that is itself a text in several languages, `{"vi": …, "en": …, "fr": …}`, in this one; any other as it is."""
    if not isinstance(value, Mapping):
        return value
    short = lang.lower().replace("-", "_").split("_")[0]
    return value.get(short) or value.get(LANGUAGES[0]) or next(iter(value.values()), "")


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Code to text of one language. Raises ContractError when its file is not a flat mapping of texts."""
    path = LOCALE / f"{lang if lang in LANGUAGES else LANGUAGES[0]}.yaml"
    content = path.read_bytes()
    file = f"{path.parent.name}/{path.name}"
    document = read_yaml(content, file)
    if not isinstance(document.data, dict):
        raise ContractError([ContractProblem(file, "", document.data, "is no mapping; write one `code: text` a line")])
    wrong = [
        document.problem((code,), text, f"{text!r} is no text; write it in quotes")
        for code, text in document.data.items()
        if not isinstance(text, str)
    ]
    if wrong:
        raise ContractError(wrong)
    return MappingProxyType(document.data)


def parameters(text: str) -> set[str]:
    """Names of the parameters in braces of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class _Filler(string.Formatter):
    """Fills the parameters by name only; no attribute or item of a value can be reached from a text."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if field_name not in kwargs:
            log.warning("the parameter %s was not given", field_name)
            return f"{{{field_name}}}", field_name
        value = kwargs[field_name]
        return "" if value is None else value, field_name
