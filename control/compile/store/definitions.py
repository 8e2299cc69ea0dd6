"""What a contract says of measures, indicators and targets, as lines of the tables that keep it. A line has no load_id yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from datasets.model.contract import Contract, Resource
from datasets.model.formula import formulas
from datasets.model.indicator import Indicator, Target
from datasets.model.measure import Measure
from datasets.model.problem import ContractProblem
from datasets.model.reference import Reference
from datasets.model.table_schema import Level

Line = dict[str, Any]
"""Values by column."""
Lines = dict[tuple[Any, ...], Line]
"""By the table's key."""


def measure_lines(contract: Contract) -> Lines:
    """Lines of measure.definition by (measure)."""
    return {(line["measure"],): line for line in (_measure_line(contract, n, m) for n, m in contract.measures.items())}


def _measure_line(contract: Contract, name: str, measure: Measure) -> Line:
    resource = contract.resource(measure.of)
    return {
        "measure": f"{contract.name}.{name}",
        "table_name": f"{contract.pg_schema}.{contract.table(resource)}",
        "expression": measure.value,
        "function": measure.function,
        "calendar": measure.calendar.value,
        "over_time": measure.over_time.value,
        "over_units": measure.over_units.value,
        "access": resource.access_class,
        "contract": contract.name,
        "resource": resource.name,
        "dataset": contract.dataset_name(resource),
        "owner": resource.owner,
        "title": measure.title,
        "title_en": measure.titles.en if measure.titles else None,
        "title_fr": measure.titles.fr if measure.titles else None,
        "unit": measure.unit,
        "calendars": [c.value for c in measure.calendars],
        "breakdown": list(measure.by),
        "condition": measure.where,
        "as_of": measure.as_of,
        "absent": measure.absent,
        "tick": measure.tick,
        "meaning": meaning(contract, measure),
    }


def meaning(contract: Contract, measure: Measure) -> str:
    """SHA-256 of all that the values of a measure follow from; its names and the class of its dataset are no part of it."""
    resource = contract.resource(measure.of)
    said = measure.model_dump(mode="json", by_alias=True, exclude={"title", "titles", "unit"}, exclude_defaults=True)
    said |= {
        "table": contract.table(resource),
        "dataset": contract.dataset_name(resource),
        "owner": None if measure.adds else resource.owner,
        "day": _day_column(resource, measure),
        "delivered": resource.delivery.model_dump(mode="json") if measure.absent == "zero" else None,
        "level": _level(resource),
    }
    if resource.status != "official":
        said["status"] = field.column if (field := resource.status_field) else resource.same_status
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _day_column(resource: Resource, measure: Measure) -> str | None:
    if measure.on is not None or resource.delivery.column is None:
        return measure.on
    return resource.schema_.field(resource.delivery.column).column


def _level(resource: Resource) -> str:
    unit = resource.unit_field
    return unit.refers.unit.value if unit and unit.refers and unit.refers.unit else Level.PROVINCE.value


def indicator_lines(contract: Contract, contracts: Sequence[Contract]) -> Lines:
    """Lines of indicator.definition by (indicator). Raises ContractError when an indicator cannot be computed."""
    found: Lines = {}
    for name, formula in formulas(contract, contracts).items():
        indicator = contract.indicators[name]
        found[f"{contract.name}.{name}",] = {
            "indicator": f"{contract.name}.{name}",
            "expression": indicator.value,
            "direction": indicator.direction,
            "min_n": indicator.min_n,
            "contract": contract.name,
            "title": indicator.title,
            "title_en": indicator.titles.en,
            "title_fr": indicator.titles.fr,
            "unit": indicator.unit,
            "decimals": indicator.decimals,
            "when_zero": None if indicator.when_zero is None else str(indicator.when_zero),
            "calendars": [c.value for c in formula.calendars],
            "measures": [ref.full for ref in formula.measures],
            "access": formula.access,
            "declared": _declared(indicator),
        }
    return found


def _declared(indicator: Indicator) -> str:
    said = indicator.model_dump_json(by_alias=True, exclude={"targets"})
    return hashlib.sha256(said.encode()).hexdigest()


def target_lines(contract: Contract, reference: Reference) -> tuple[Lines, list[ContractProblem]]:
    """Lines of indicator.target by (unit_id, indicator, valid_from), and targets that cannot be kept."""
    found: Lines = {}
    problems: list[ContractProblem] = []
    file = str(contract.folder / "datapackage.yaml") if contract.folder else contract.name
    for name, indicator in contract.indicators.items():
        for number, target in enumerate(indicator.targets):
            unit_id = _unit_of(target, reference)
            key, full = f"indicators.{name}.targets[{number}]", f"{contract.name}.{name}"
            if unit_id is None:
                message = f"no unit of the province has the code {target.unit} on {target.from_}; write the code of a commune or district"
                problems.append(ContractProblem(file, f"{key}.unit", target.unit, message))
                continue
            found[unit_id, full, target.from_] = {
                "unit_id": unit_id,
                "indicator": full,
                "valid_from": target.from_,
                "valid_to": target.to,
                "value": Decimal(str(target.value)),
                "amber": None if target.amber is None else Decimal(str(target.amber)),
                "paced": target.paced,
                "basis": target.basis.model_dump(mode="json", exclude_none=True),
            }
    return found, problems


def _unit_of(target: Target, reference: Reference) -> str | None:
    """The unit that bears the target's code on its first day; without a code the province."""
    levels = (Level.PROVINCE,) if target.unit is None else (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE)
    for level in levels:
        unit = reference.unit_index.resolve(target.unit or reference.province, level, target.from_)
        if unit is not None:
            return unit.unit_id
    return None
