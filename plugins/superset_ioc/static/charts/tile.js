// Chart type `ioc_tile`: one figure that is read from three metres, with its period, target, change and course.
import * as controls from "./controls.js";
import { loadStyle } from "./style.js";
import { say } from "./texts.js";
import { courseOf, sparkline, tileOf } from "./tile_data.js";

const core = window["__superset__/@superset-ui/core"];
const shared = window["__superset__/@superset-ui/chart-controls"];
const React = window["__superset__/react"];
const h = React.createElement;

const PERIODS_ASKED = 60;
const LEAST_TEXT = 12;
const MOST_TEXT = 20;
const LINE = 1.35;
const LEAST_COURSE = 22;
const PADDING = 4;
const UNIT_SHARE = 0.42; // of the figure's letters, as in charts.css
const LETTERS = "Inter, 'Be Vietnam Pro', 'Noto Sans', Arial, sans-serif";

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

let pen = null;

/** Width of a text in pixels. */
function textWidth(text, size, weight) {
  pen = pen || document.createElement("canvas").getContext("2d");
  pen.font = `${weight} ${size}px ${LETTERS}`;
  return pen.measureText(text).width;
}

/** Size of letters at which the figure and its unit fill the line and no more. */
function figureSize(tile, width, most) {
  const long = textWidth(tile.value, 100, 700) + (tile.unit ? textWidth(` ${tile.unit}`, 100 * UNIT_SHARE, 500) : 0);
  return Math.floor(Math.min(most, (100 * width) / long));
}

/** Number of lines that a text takes when it is broken between words. */
const linesTaken = (text, size, width) => {
  let lines = 1;
  let used = 0;
  for (const word of text.split(" ")) {
    const long = textWidth(`${word} `, size, 400);
    if (used && used + long > width) {
      lines += 1;
      used = 0;
    }
    used += long;
  }
  return lines;
};

/** Texts under the figure, most important first: what does not fit in the tile's height is left to the tooltip. */
function linesOf(tile) {
  const verdict = tile.target && tile.target.verdict;
  return [
    { key: "period", words: tile.period },
    tile.since && { key: "since", words: tile.since },
    tile.target && { key: verdict ? (tile.target.met ? "met" : "missed") : "target", words: [tile.target.words, verdict && `· ${tile.target.met ? "✓" : "✗"} ${verdict}`].filter(Boolean).join(" ") },
    tile.change && { key: "change", words: `${tile.change.arrow} ${tile.change.words} ${tile.change.against}` },
    tile.note && { key: "note", words: tile.note },
  ].filter(Boolean);
}

/** Sizes with which everything fits: of the figure, the texts, and the course (0 when there is no room for it). */
function arrange(tile, width, height) {
  const room = width - 2 * PADDING;
  const lines = linesOf(tile);
  for (let text = Math.min(MOST_TEXT, Math.max(LEAST_TEXT, Math.round(height / 11))); ; text -= 1) {
    const taken = lines.map(({ words }) => linesTaken(words, text, room) * text * LINE);
    const under = taken.reduce((sum, one) => sum + one, 0);
    const figure = figureSize(tile, room, Math.min(height * 0.42, height - 2 * PADDING - under));
    if (figure >= height * 0.24 || text === LEAST_TEXT) {
      const left = height - 2 * PADDING - under - figure * 1.1;
      return { text, figure: Math.max(figure, LEAST_TEXT), lines: fitting(lines, taken, height - 2 * PADDING - figure * 1.1), course: left >= LEAST_COURSE ? left : 0 };
    }
  }
}

/** The first lines that the height holds. */
function fitting(lines, taken, height) {
  let used = 0;
  return lines.filter((_, index) => (used += taken[index]) <= height + 1);
}

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

function Empty({ tile, width, height }) {
  const words = tile.since || say("noDataSentence");
  return h("div", { className: "ioc-tile ioc-tile-empty", style: { width, height }, role: "group", "aria-label": words }, h("span", null, words));
}

function Tile({ width, height, rows, metric, targetMetric, column, look }) {
  const tile = React.useMemo(() => tileOf(courseOf(rows, metric, targetMetric, column), look), [rows, metric, targetMetric, column, look]);
  const sizes = React.useMemo(() => tile.value !== null && arrange(tile, width, height), [tile, width, height]);
  if (!sizes) return h(Empty, { tile, width, height });
  return h(
    "div",
    { className: "ioc-tile", style: { width, height, padding: PADDING }, role: "group", "aria-label": tile.spoken, title: tile.spoken },
    h(
      "div",
      { className: "ioc-figure", style: { fontSize: sizes.figure } },
      tile.value,
      tile.unit && h("span", { className: "ioc-unit-of-measure" }, `\u00a0${tile.unit}`),
    ),
    ...sizes.lines.map(({ key, words }) => h("div", { key, className: `ioc-tile-${key}`, style: { fontSize: sizes.text } }, words)),
    tile.course.length > 0 && sizes.course > 0 && h(Course, { tile, width: width - 2 * PADDING, height: Math.min(sizes.course, height * 0.3) }),
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
