"""What our chart types are told of an indicator, and the metrics that they ask for."""

from __future__ import annotations

from typing import Any

from control.compile.superset.wide import Wide, counted_parts, counted_title, denominator_name, firmness_name, numerator_name, target_name
from datasets.model.figure_status import STATUSES
from datasets.model.formula import metric_name
from datasets.model.indicator import Indicator
from datasets.model.table_schema import Translations
from datasets.model.target import last_target, target_metric

ROWS = 8000
"""That a map or a ranking asks for: all units over the periods that one may step back to."""


def figure_params(wide: Wide, name: str) -> dict[str, Any]:
    """What all of our chart types are told of an indicator."""
    indicator = wide.indicator(name)
    return {
        "calendar": wide.calendar.value,
        "decimals": indicator.decimals,
        "direction": indicator.direction,
        "indicator": f"{wide.contract.name}.{name}",
        "metric": metric_name(name),
        "status": status_of(wide, name),
        "unit": indicator.unit,
        **_levels(indicator),
        **({"firmness_metric": firmness} if (firmness := firmness_name(wide, name)) else {}),
        **({"sources": sources} if (sources := sources_of(wide, name)) else {}),
    }


def _levels(indicator: Indicator) -> dict[str, Any]:
    """Names, states and colours of an indicator's few values."""
    if not indicator.levels:
        return {}
    made = []
    for level in indicator.levels:
        told: dict[str, Any] = {"value": level.value, "label": _said(level.label, level.labels), "state": level.state}
        if level.meaning:
            told["meaning"] = _said(level.meaning, level.meanings)
        made.append({**told, **({"colour": level.colour} if level.colour else {})})
    return {"levels": made}


def _said(vietnamese: str, titles: Translations | None) -> dict[str, str]:
    """A text by language."""
    return {"vi": vietnamese, **(titles.model_dump(exclude_none=True) if titles else {})}


def sources_of(wide: Wide, name: str) -> list[dict[str, str]]:
    """Publications that an indicator's figures are taken from, each once: its name in three languages, and its address."""
    found: dict[str, dict[str, str]] = {}
    for source in (source for part in wide.parts_of(name) for source in part.resource.sources):
        found.setdefault(source.title, {**source.in_languages, "path": source.path or ""})
    return list(found.values())


def status_of(wide: Wide, name: str) -> str:
    """How firm an indicator's figures are: as the least firm of what they are made of; rows with a status of their own say theirs."""
    declared = [part.resource.status for part in wide.parts_of(name) if isinstance(part.resource.status, str)]
    return min(declared, key=STATUSES.index, default="official")


def judged_params(wide: Wide, name: str) -> dict[str, Any]:
    """What a chart that holds an indicator against its target is told beside: the target, the amber band, and what is counted."""
    indicator, share = wide.indicator(name), wide.formulas[name].share
    last = last_target(indicator)
    params: dict[str, Any] = {
        "target_metric": target_name(name) if target_metric(indicator, wide.calendar) is not None else None,
        "target_proposed": last is not None and last.basis.kind == "proposed",
    }
    if last is not None and last.amber is not None:
        params |= {"amber_share": last.amber / last.value} if last.paced and last.value else {"amber": last.amber}
    if last is not None and last.paced:
        params["target_paced"] = True
    if share is None:
        return params
    if share.denominator is None:
        return {**params, "is_count": True}
    params |= {"numerator_metric": numerator_name(name), "denominator_metric": denominator_name(name), "scale": share.scale}
    for side, sql in (("numerator", share.numerator), ("denominator", share.denominator)):
        units = {part.unit for part in counted_parts(wide, name, sql)}
        params |= {f"{side}_title": counted_title(wide, name, sql), f"{side}_unit": units.pop() or "" if len(units) == 1 else ""}
    return params


def judged_metrics(wide: Wide, name: str) -> list[str]:
    """Metrics that such a chart asks for."""
    params = judged_params(wide, name)
    asked = [params.get(key) for key in ("target_metric", "numerator_metric", "denominator_metric")]
    return [metric_name(name), *(metric for metric in [*asked, firmness_name(wide, name)] if metric)]
