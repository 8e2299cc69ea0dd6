// Chart type `ioc_points`: rows where they happened, over the units, with the clusters that a measure counts.
import * as controls from "./controls.js";
import { identity } from "./judged_form.js";
import { QUESTIONS, withAnAnswer } from "./no_rows.js";
import { coloursOf, periodsOf } from "./points_data.js";
import { Points } from "./points_view.js";
import { loadStyle } from "./style.js";
import { useFacts } from "./supply_facts.js";
import { say } from "./texts.js";

const core = window["__superset__/@superset-ui/core"];
const React = window["__superset__/react"];

const ROWS_ASKED = 6000;
const PLAIN = ["period_starts", "longitude", "latitude", "unit_name"];

const columnsOf = (form) => (Array.isArray(form.asked) && form.asked.length ? form.asked : PLAIN);
const mostRows = (form) => Number(form.row_limit) || ROWS_ASKED;

const buildQuery = (formData) =>
  core.buildQueryContext(formData, (base) =>
    withAnAnswer(base, {
      ...base,
      columns: columnsOf(formData),
      metrics: undefined,
      orderby: columnsOf(formData).includes("period_starts") ? [["period_starts", false]] : [],
      row_limit: mostRows(formData),
    }),
  );

const dataMask = (names) => ({
  extraFormData: { filters: names.length ? [{ col: "unit_name", op: "IN", val: names }] : [] },
  filterState: { label: names.length ? names.join(", ") : undefined, value: names.length ? names : null, selectedValues: names.length ? names : null },
});

function transformProps({ width, height, rawFormData: form, queriesData, hooks, filterState, emitCrossFilters }) {
  return {
    width,
    height,
    rows: queriesData[0].data,
    mostRows: mostRows(form),
    ...identity(form),
    level: form.level || "commune",
    calendar: form.calendar || null,
    part: form.part || null,
    parts: form.parts,
    rule: { title: form.cluster_title, least: form.cluster_least, radius: form.cluster_radius, days: form.cluster_days },
    title: form.cluster_title || say("chart_points"),
    selected: (filterState && filterState.selectedValues) || [],
    select: emitCrossFilters ? (names) => hooks.setDataMask(dataMask(names)) : null,
  };
}

const NONE = [];

/** Keeps what was made of the rows while only the pointer moves. */
function Chart({ rows, mostRows: most, part, parts, chart, ...others }) {
  const facts = useFacts(others.indicator, chart, rows);
  const isCut = rows.length >= most;
  const periods = React.useMemo(() => periodsOf(rows, part, others.calendar, isCut), [rows, part, others.calendar, isCut]);
  const colours = React.useMemo(() => coloursOf(rows, part, Array.isArray(parts) ? parts : NONE), [rows, part, parts]);
  return React.createElement(Points, { ...others, periods, colours, facts, cut: isCut && !others.calendar ? rows.length : 0 });
}

class PointsPlugin extends core.ChartPlugin {
  constructor() {
    super({
      Chart,
      metadata: new core.ChartMetadata({
        name: say("chart_points"),
        description: say("chart_points_about"),
        category: "Map",
        tags: ["Toàn Cảnh"],
        queryObjectCount: QUESTIONS,
        thumbnail: new URL("./points.svg", import.meta.url).href,
        behaviors: [core.Behavior.InteractiveChart, core.Behavior.DrillToDetail],
      }),
      buildQuery,
      transformProps,
      controlPanel: controls.panelOfRows([controls.level()], [controls.indicator(), controls.calendar()]),
    });
  }
}

loadStyle();
new PointsPlugin().configure({ key: "ioc_points" }).register();
