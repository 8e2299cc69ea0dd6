"""`ioc new`: a first contract from a sample file, for a person to finish."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from control.examples import examine_example, places_of
from control.new.example import write_example
from control.new.sample import Sample, read_sample
from control.new.sample_names import plain
from control.new.sample_table import Table, table_of
from control.new.text import DECIDE, Words, contract_text
from control.steps import StepFailed
from datasets.model.contract import Contract
from datasets.model.read import FILE_NAME, contract_folders, read_contract
from datasets.model.reference import Reference

SLUG = re.compile(r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$")
LONGEST_NAME = 40
USUAL_BASIS = "quy-che-ioc/dieu-12"
SHOWN_CODES = 5


@dataclass
class Drafted:
    """The folder that was written, and what its reader should know."""

    folder: Path
    contract: Contract
    decisions: int
    """Lines on which a person has to decide."""
    warnings: list[str] = field(default_factory=list)


def new_contract(
    subsystem: str,
    sample_file: Path,
    reference: Reference,
    *,
    title: str | None = None,
    agency: str | None = None,
    root: Path | None = None,
    order: int | None = None,
) -> Drafted:
    """Writes `<root>/<subsystem>/` with a contract and an example of at most 20 rows; it passes `./ioc check` as it is.

    `root`: by default the folder of IOC_CONTRACTS, else `datasets/`. Nothing is overwritten: raises StepFailed when the folder is there.
    """
    folder = (root or contract_folders()[-1]) / subsystem
    _must_be_free(subsystem, folder)
    if agency is not None and agency not in reference.agencies:
        raise StepFailed(f'"{agency}" is no agency', advice="write one of datasets/reference/agencies.yaml, or add it there")
    sample = read_sample(sample_file)
    if sample.rows.height == 0:
        raise StepFailed(f"{sample_file} has a header and no row that can be read", advice="give a sample with some rows")
    table = table_of(sample, reference)
    words = _words(subsystem, sample, reference, title, agency, order if order is not None else _next_order())
    content = contract_text(sample, table, words)
    folder.mkdir(parents=True)
    (folder / "examples").mkdir()
    lines = write_example(sample, table, folder / words.example)
    (folder / FILE_NAME).write_text(content, encoding="utf-8")
    contract = read_contract(folder, reference)
    found = examine_example(folder / words.example, contract.resources[0], places_of(reference))
    wrong = {lines[one.line] for one in found.rejected if one.line in lines}
    if 0 < len(wrong) < len(lines):
        write_example(sample, table, folder / words.example, wrong)
    return Drafted(folder, contract, content.count(DECIDE), [*_warnings(sample, table, words), *_left_out(len(wrong), len(lines))])


def _must_be_free(subsystem: str, folder: Path) -> None:
    if not SLUG.match(subsystem):
        raise StepFailed(
            f'"{subsystem}" is no name of a subsystem', advice='write lower-case letters, digits and "-" only, like water-supply'
        )
    if folder.exists():
        raise StepFailed(f"{folder} is there already, and nothing is overwritten", advice="write another name, or remove that folder first")


def _words(subsystem: str, sample: Sample, reference: Reference, title: str | None, agency: str | None, order: int) -> Words:
    name = plain(sample.path.stem).replace("%", "").strip().replace(" ", "-").lstrip("0123456789-")[:LONGEST_NAME].rstrip("-") or "table"
    chosen = agency or next(iter(reference.agencies))
    steward = next(position for position in reference.positions if position.startswith(f"{chosen}/"))
    basis = USUAL_BASIS if USUAL_BASIS in reference.clauses else next(iter(reference.clauses))
    said = title or sample.path.stem.replace("-", " ").replace("_", " ").strip().capitalize()
    example = f"examples/{name}{sample.path.suffix.lower()}"
    return Words(subsystem, name, said, chosen, agency is not None, steward, basis, order, example)


def _next_order() -> int:
    """The place after the last subsystem that is written; a contract that cannot be read does not count."""
    found = [0]
    for root in contract_folders():
        for path in root.glob(f"*/{FILE_NAME}"):
            found += [
                int(number) for number in re.findall(r"^subsystem:.*\border:\s*(\d+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            ]
    return max(found) + 1


def _left_out(wrong: int, written: int) -> list[str]:
    if wrong == 0:
        return []
    if wrong == written:
        return ["no row of the example keeps this contract; ./ioc check says why"]
    return [f"{wrong} of the sample's first {written} rows break this contract and are not in the example"]


def _warnings(sample: Sample, table: Table, words: Words) -> list[str]:
    found = []
    personal = [column.header for column in table.columns if column.personal != "none"]
    if personal:
        found.append(
            f"these columns look personal and are flagged so: {', '.join(personal)}; in the example their values are made up. "
            "Take them out if they are not needed, and delete the sample where it should not lie"
        )
    if sample.dropped:
        found.append(f"{sample.dropped} rows of the sample could not be read as rows of the table and were left out")
    if table.unknown_codes:
        shown = ", ".join(table.unknown_codes[:SHOWN_CODES])
        found.append(f"codes that are no unit on their row's day, so that their rows would be rejected: {shown}")
    if not table.key_is_unique:
        found.append("no set of columns tells the rows apart; write the right primaryKey, or rows will be rejected as doubled")
    if not words.agency_given:
        found.append(f"no --agency was given, so {words.agency} stands for it")
    return found
