"""The text of an export: the same bytes whichever writer is at work, and a value is found without reading it all."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from control.compile.superset.bundle import text, value_of

WORDS = (
    *(
        "Số",
        "lượng",
        "đơn",
        "yes",
        "true",
        "null",
        "1.5",
        "0x1",
        "2026-01-01",
        "a:",
        "b:c",
        "#d",
        "<<",
        "--",
        "…",
        "—",
        "“x”",
        "\u00a0",
        "😀",
    ),
    *",:-#'\"{}[]&*!|>%@`\\/~?=",
)
GAPS = (" ", " ", "  ", "\n", "\n\n", " \n", "\n ")


class Plain(yaml.SafeDumper):
    """PyYAML's own writer, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def words(chance: random.Random) -> str:
    written = "".join(chance.choice(WORDS) + chance.choice(GAPS) for _ in range(chance.choice((0, 1, 2, 8, 40))))
    return chance.choice(("", " ", "- ", "? ", "\n")) + (written if chance.random() < 0.2 else written.strip())


def value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.random()
    if depth > 3 or kind < 0.6:
        return chance.choice((words(chance), words(chance), words(chance), None, True, 3, -1.5, 1e20))
    if kind < 0.8:
        return [value(chance, depth + 1) for _ in range(chance.randint(0, 4))]
    return {words(chance)[: chance.choice((5, 60, 130))]: value(chance, depth + 1) for _ in range(chance.randint(0, 4))}


@pytest.mark.parametrize("seed", range(400))
def test_every_document_is_written_as_pyyaml_writes_it(seed: int) -> None:
    chance = random.Random(seed)
    document = {"a": value(chance), "b": value(chance)}
    assert text(document) == yaml.dump(document, Dumper=Plain, allow_unicode=True, sort_keys=True, width=120)


@pytest.mark.parametrize("seed", range(100))
def test_a_value_is_found_in_a_text_without_reading_the_rest(seed: int) -> None:
    chance = random.Random(seed)
    document = {"above": value(chance), "slice_name": words(chance), "uuid": "4", "z": {"slice_name": "another", "uuid": "another"}}
    written = text(document)
    assert [value_of(written, key) for key in ("slice_name", "uuid")] == [document["slice_name"], "4"]


def test_a_key_that_is_not_at_the_top_is_not_found() -> None:
    with pytest.raises(KeyError):
        value_of(text({"columns": [{"uuid": "4"}], "params": {"uuid": "5"}}), "uuid")
