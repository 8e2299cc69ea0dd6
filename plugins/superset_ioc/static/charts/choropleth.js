// Chart type `ioc_choropleth`: one indicator by administrative unit, without a background map.
import { Choropleth } from "./choropleth_view.js";
import { periodsOf } from "./choropleth_data.js";
import * as controls from "./controls.js";
import { levelsOf } from "./levels.js";
import { identity, metricsOf, sourcesOf } from "./judged_form.js";
import { QUESTIONS, withAnAnswer } from "./no_rows.js";
import { loadStyle } from "./style.js";
import { useFacts } from "./supply_facts.js";
import { say } from "./texts.js";

const core = window["__superset__/@superset-ui/core"];
const UNIT_COLUMNS = ["unit_id", "unit_code", "unit_name"];
const ROWS_ASKED = 8000;

const buildQuery = (formData) =>
  core.buildQueryContext(formData, (base) =>
    withAnAnswer(base, {
      ...base,
      columns: [...UNIT_COLUMNS, "period_starts"],
      metrics: [formData.metric, formData.firmness_metric].filter(Boolean),
      filters: [...(base.filters || []), { col: "unit_level", op: "==", val: formData.level || "commune" }],
      orderby: [["period_starts", false]],
      row_limit: ROWS_ASKED,
    }),
  );

/** Conditions on units that a dashboard's filters put on the chart: a test of one unit {unit_id, code, name}. */
function unitTest(formData) {
  const key = { unit_name: "name", unit_code: "code", unit_id: "unit_id" };
  const extra = (formData.extra_form_data && formData.extra_form_data.filters) || [];
  const conditions = extra.filter(({ col, op }) => key[col] && op === "IN").map(({ col, val }) => [key[col], new Set([].concat(val))]);
  return (unit) => conditions.every(([name, wanted]) => wanted.has(unit[name]));
}

/** The filter that units of these names put on the dashboard's other charts, as Superset's own charts write it. */
const dataMask = (names) => ({
  extraFormData: { filters: names.length ? [{ col: "unit_name", op: "IN", val: names }] : [] },
  filterState: { label: names.length ? names.join(", ") : undefined, value: names.length ? names : null, selectedValues: names.length ? names : null },
});

function contextMenu(onContextMenu, selected, select) {
  return (event, unit) => {
    if (!unit) return;
    event.preventDefault();
    event.stopPropagation();
    onContextMenu(event.nativeEvent.clientX, event.nativeEvent.clientY, {
      drillToDetail: [{ col: "unit_name", op: "==", val: unit.name, formattedVal: unit.name }],
      crossFilter: select ? { dataMask: dataMask([unit.name]), isCurrentValueSelected: selected.includes(unit.name) } : undefined,
    });
  };
}

function transformProps({ width, height, rawFormData: form, queriesData, hooks, filterState, emitCrossFilters }) {
  const metric = core.getMetricLabel(form.metric);
  const decimals = Number(form.decimals ?? 1);
  const selected = (filterState && filterState.selectedValues) || [];
  const select = emitCrossFilters ? (names) => hooks.setDataMask(dataMask(names)) : null;
  return {
    width,
    height,
    rows: queriesData[0].data,
    metric,
    ...identity(form),
    level: form.level || "commune",
    calendar: form.calendar || "month",
    classes: form.classes,
    decimals,
    direction: form.direction || "none",
    unit: form.unit || "",
    levels: levelsOf(form),
    firmness: metricsOf(form).firmness,
    status: form.status || "",
    sources: sourcesOf(form),
    selected,
    select,
    isChosen: unitTest(form),
    openMenu: hooks.onContextMenu ? contextMenu(hooks.onContextMenu, selected, select) : null,
  };
}

const React = window["__superset__/react"];

/** Keeps what was made of the rows while only the pointer moves. */
function Chart({ rows, metric, firmness, chart, classes, decimals, direction, unit, levels, status, sources, ...others }) {
  const facts = useFacts(others.indicator, chart, rows);
  const periods = React.useMemo(() => periodsOf(rows, metric, decimals, firmness), [rows, metric, decimals, firmness]);
  const asked = { classes, decimals, direction, unit: levels ? "" : unit, levels, status, sources };
  const look = React.useMemo(() => asked, Object.values(asked));
  return React.createElement(Choropleth, { ...others, periods, look, facts, metricTitle: metric });
}

class ChoroplethPlugin extends core.ChartPlugin {
  constructor() {
    super({
      Chart,
      metadata: new core.ChartMetadata({
        name: say("chart_choropleth"),
        description: say("chart_choropleth_about"),
        category: "Map",
        tags: ["Toàn Cảnh"],
        queryObjectCount: QUESTIONS,
        thumbnail: new URL("./choropleth.svg", import.meta.url).href,
        behaviors: [core.Behavior.InteractiveChart, core.Behavior.DrillToDetail],
      }),
      buildQuery,
      transformProps,
      controlPanel: controls.panel(
        [controls.level()],
        [controls.indicator(), controls.calendar(), controls.direction(), controls.unit(), controls.decimals(), controls.classes()],
      ),
    });
  }
}

loadStyle();
new ChoroplethPlugin().configure({ key: "ioc_choropleth" }).register();
