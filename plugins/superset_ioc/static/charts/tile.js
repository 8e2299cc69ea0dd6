// Chart type `ioc_tile`: one figure that is read from three metres, with its period, target, change and course.
import * as controls from "./controls.js";
import { loadStyle } from "./style.js";
import { say } from "./texts.js";
import { courseOf, sparkline, tileOf } from "./tile_data.js";
import { arrange, lettersLoaded, PADDING } from "./tile_layout.js";

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
      metrics: [formData.metric, formData.target_metric].filter(Boolean),
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
  const words = tile.since || say("noDataSentence");
  return h("div", { className: "ioc-tile ioc-tile-empty", style: { width, height }, role: "group", "aria-label": words }, h("span", null, words));
}

function Tile({ width, height, rows, metric, targetMetric, column, look }) {
  const tile = React.useMemo(() => tileOf(courseOf(rows, metric, targetMetric, column), look), [rows, metric, targetMetric, column, look]);
  const letters = useLetters();
  const sizes = React.useMemo(() => tile.value !== null && arrange(tile, width, height), [tile, width, height, letters]);
  if (!sizes) return h(Empty, { tile, width, height });
  return h(
    "div",
    { className: "ioc-tile", style: { width, height, padding: PADDING }, role: "group", "aria-label": tile.spoken, title: tile.spoken },
    h(
      "div",
      { className: "ioc-figure", style: { fontSize: sizes.figure } },
      tile.value,
      sizes.unitBeside && h("span", { className: "ioc-unit-of-measure" }, `\u00a0${tile.unit}`),
    ),
    ...sizes.lines.map(({ key, words }) => h("div", { key, className: `ioc-tile-${key}`, style: { fontSize: sizes.text } }, words)),
    tile.course.length > 0 && sizes.course > 0 && h(Course, { tile, width: width - 2 * PADDING, height: sizes.course }),
  );
}

function Chart({ calendar, unit, decimals, direction, proposed, note, ...others }) {
  const look = React.useMemo(
    () => ({ calendar, unit, decimals, direction, proposed, note }),
    [calendar, unit, decimals, direction, proposed, note],
  );
  return h(Tile, { ...others, look });
}

const transformProps = ({ width, height, rawFormData: form, queriesData }) => ({
  width,
  height,
  rows: queriesData[0].data,
  metric: core.getMetricLabel(form.metric),
  targetMetric: form.target_metric ? core.getMetricLabel(form.target_metric) : null,
  column: form.x_axis || "period_starts",
  calendar: form.calendar || "month",
  unit: form.unit || "",
  decimals: Number(form.decimals ?? 1),
  direction: form.direction || "none",
  proposed: Boolean(form.target_proposed),
  note: form.n_note || "",
});

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
        [controls.calendar(), controls.direction(), controls.unit(), controls.decimals(), controls.proposed(), controls.note()],
      ),
    });
  }
}

loadStyle();
new TilePlugin().configure({ key: "ioc_tile" }).register();
