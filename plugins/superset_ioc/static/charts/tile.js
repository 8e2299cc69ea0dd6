// Chart type `ioc_tile`: one figure that is read from three metres, with its period, target, change and course.
import * as controls from "./controls.js";
import { loadStyle } from "./style.js";
import { useFacts } from "./supply_facts.js";
import { say } from "./texts.js";
import { courseOf, sparkline, tileOf } from "./tile_data.js";
import { arrange, EDGE, lettersLoaded, PADDING } from "./tile_layout.js";

const core = window["__superset__/@superset-ui/core"];
const shared = window["__superset__/@superset-ui/chart-controls"];
const React = window["__superset__/react"];
const h = React.createElement;

const PERIODS_ASKED = 60;

const buildQuery = (formData) =>
  core.buildQueryContext(formData, (base) => [
    {
      ...base,
      columns: [formData.x_axis || "period_starts"],
      metrics: [formData.metric, formData.target_metric, formData.numerator_metric, formData.denominator_metric].filter(Boolean),
      orderby: [[formData.x_axis || "period_starts", false]],
      row_limit: PERIODS_ASKED,
    },
  ]);

function Course({ tile, width, height }) {
  const drawn = sparkline(tile.course, width, height);
  return h(
    "svg",
    { className: "ioc-course", width, height, role: "img", "aria-label": tile.courseWords },
    drawn.target && h("path", { d: drawn.target, className: "ioc-course-target" }),
    h("path", { d: drawn.values, className: "ioc-course-values" }),
    h("circle", { cx: drawn.end.x, cy: drawn.end.y, r: 3, className: "ioc-course-end" }),
  );
}

/** Changes once the page's letters are loaded, so that texts are measured again. */
function useLetters() {
  const [loaded, setLoaded] = React.useState(false);
  React.useEffect(() => {
    let gone = false;
    lettersLoaded().then(() => gone || setLoaded(true));
    return () => {
      gone = true;
    };
  }, []);
  return loaded;
}

function Empty({ tile, width, height }) {
  const style = { width, height };
  return h(
    "div",
    { className: "ioc-tile ioc-tile-empty", style, role: "group", "aria-label": tile.spoken, title: tile.spoken, "data-state": tile.state, "data-reason": tile.reason },
    ...tile.words.map((words) => h("div", { key: words }, words)),
  );
}

/** All that is known of the figure, over the tile while the button is pointed at or has the focus. */
function Details({ tile }) {
  const [open, setOpen] = React.useState(false);
  const shown = { onMouseEnter: () => setOpen(true), onMouseLeave: () => setOpen(false), onFocus: () => setOpen(true), onBlur: () => setOpen(false) };
  const close = (event) => event.key === "Escape" && event.target.blur();
  const line = ([label, lines]) => h(React.Fragment, { key: label }, h("dt", null, label), ...lines.map((words) => h("dd", { key: words }, words)));
  return h(
    "div",
    { className: `ioc-tile-details${open ? " ioc-open" : ""}`, onMouseLeave: () => setOpen(false) },
    h("button", { type: "button", className: "ioc-tile-more", "aria-label": say("details"), "aria-expanded": open, onKeyDown: close, ...shown, onMouseLeave: undefined }, "i"),
    open && h("dl", { className: "ioc-tile-all" }, ...tile.details.map(line)),
  );
}

function Tile({ width, height, rows, metrics, column, look, indicator, chart }) {
  const facts = useFacts(indicator, chart, rows);
  const tile = React.useMemo(() => tileOf(courseOf(rows, metrics, column), look, facts, indicator), [rows, metrics, column, look, facts, indicator]);
  const letters = useLetters();
  const sizes = React.useMemo(() => tile.value !== null && arrange(tile, width, height), [tile, width, height, letters]);
  if (!sizes) return h(Empty, { tile, width, height });
  const style = { width, height, padding: `${PADDING}px ${PADDING}px ${PADDING}px ${PADDING + EDGE}px` };
  return h(
    "div",
    { className: `ioc-tile ioc-tile-is-${tile.state}`, style, role: "group", "aria-label": tile.spoken, "data-state": tile.state, "data-reason": tile.reason },
    h(
      "div",
      { className: "ioc-figure", style: { fontSize: sizes.figure } },
      tile.value,
      sizes.unitBeside && h("span", { className: "ioc-unit-of-measure" }, `\u00a0${tile.unit}`),
    ),
    ...sizes.lines.map(({ key, words }) => h("div", { key, className: `ioc-tile-${key}`, style: { fontSize: sizes.text } }, words)),
    tile.course.length > 0 && sizes.course > 0 && h(Course, { tile, width: width - 2 * PADDING - EDGE, height: sizes.course }),
    h(Details, { tile }),
  );
}

/** Objects that stay the same while nothing in them changes, so that what is made of them is kept. */
const useSame = (made) => React.useMemo(() => made, Object.values(made));

function Chart({ look, metrics, ...others }) {
  return h(Tile, { ...others, look: useSame(look), metrics: useSame(metrics) });
}

const transformProps = ({ width, height, rawFormData: form, queriesData, datasource }) => {
  const titles = (datasource && datasource.verboseMap) || {};
  return {
    width,
    height,
    rows: queriesData[0].data,
    column: form.x_axis || "period_starts",
    indicator: form.indicator || null,
    chart: form.slice_id || form.indicator,
    metrics: {
      value: core.getMetricLabel(form.metric),
      target: form.target_metric ? core.getMetricLabel(form.target_metric) : null,
      numerator: form.numerator_metric || null,
      denominator: form.denominator_metric || null,
      isCount: Boolean(form.is_count),
    },
    look: {
      calendar: form.calendar || "month",
      unit: form.unit || "",
      decimals: Number(form.decimals ?? 1),
      direction: form.direction || "none",
      amber: form.amber === undefined || form.amber === "" ? null : Number(form.amber),
      scale: Number(form.scale || 100),
      proposed: Boolean(form.target_proposed),
      status: form.status || "",
      note: form.n_note || "",
      numeratorUnit: form.numerator_unit || "",
      denominatorUnit: form.denominator_unit || "",
      numeratorTitle: titles[form.numerator_metric] || "",
      denominatorTitle: titles[form.denominator_metric] || "",
    },
  };
};

class TilePlugin extends core.ChartPlugin {
  constructor() {
    super({
      Chart,
      metadata: new core.ChartMetadata({
        name: say("chart_tile"),
        description: say("chart_tile_about"),
        category: "KPI",
        tags: ["Toàn Cảnh"],
        thumbnail: new URL("./tile.svg", import.meta.url).href,
      }),
      buildQuery,
      transformProps,
      controlPanel: controls.panel(
        [controls.targetMetric(shared.sharedControls)],
        [
          controls.indicator(),
          controls.calendar(),
          controls.direction(),
          controls.unit(),
          controls.decimals(),
          controls.amber(),
          controls.proposed(),
          controls.status(),
          controls.note(),
        ],
      ),
    });
  }
}

loadStyle();
new TilePlugin().configure({ key: "ioc_tile" }).register();
