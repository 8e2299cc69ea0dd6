// Chart type `ioc_curve`: columns by day, stacked by group, the last days shaded because reports of them are still coming in.
import * as controls from "./controls.js";
import { curveColumns, curveHeights, curveSentence, everyHowMany, firstShaded, weekMeans } from "./curve_data.js";
import { amount, isoDay, number, period as inWords } from "./figures.js";
import { identity } from "./judged_form.js";
import { QUESTIONS, whyNoRows, withAnAnswer } from "./no_rows.js";
import { loadStyle } from "./style.js";
import { Banner, bannerHeight, bannerOf, firstPeriod, supplyLine } from "./supply_banner.js";
import { useFacts } from "./supply_facts.js";
import { say } from "./texts.js";
import { drawnHeight } from "./tile_layout.js";

const core = window["__superset__/@superset-ui/core"];
const shared = window["__superset__/@superset-ui/chart-controls"];
const React = window["__superset__/react"];
const h = React.createElement;

const ROWS_ASKED = 10_000;
const SENTENCE_LINE = 22;
const SENTENCE_LETTERS = 15;
const LEGEND_LINE = 22;
const LEGEND_LETTERS = 13;
const SWATCH = 30;
const FOOTER = 20;
const LEFT = 44;
const RIGHT = 6;
const UNDER = 20;
const ABOVE = 10;
const DAY_NAME = 44;
const TIP_WIDTH = 230;
// Told apart by lightness too, by people who do not see red and green (after Okabe and Ito).
const COLOURS = ["#1f5fa6", "#e69f00", "#56b4e9", "#b5622c", "#8a8f98"];

const buildQuery = (formData) =>
  core.buildQueryContext(formData, (base) =>
    withAnAnswer(base, {
      ...base,
      columns: [formData.x_axis || "period_starts", ...(formData.group ? [formData.group] : [])],
      metrics: [formData.metric],
      orderby: [[formData.x_axis || "period_starts", false]],
      row_limit: ROWS_ASKED,
    }),
  );

const dayMonth = (starts) => isoDay(starts).slice(5).split("-").reverse().join("/");

/** Names of the parts with their colours; a click filters the dashboard's other charts by one. */
function Legend({ parts, look, shaded, hasMean, selected, choose }) {
  const part = (name, index) => {
    const chosen = selected.includes(name);
    const swatch = h("span", { className: "ioc-swatch", style: { background: COLOURS[index] } });
    const className = `ioc-curve-part${chosen ? " ioc-bar-chosen" : ""}${selected.length && !chosen ? " ioc-dimmed" : ""}`;
    return h("li", { key: name }, h("button", { type: "button", className, "aria-pressed": chosen, disabled: !choose, onClick: choose ? () => choose(name) : undefined }, swatch, name));
  };
  return h(
    "ul",
    { className: "ioc-curve-legend", "aria-label": say("legend") },
    ...(parts.length > 1 || parts[0] ? parts.map(part) : []),
    hasMean && h("li", { key: "mean" }, h("span", { className: "ioc-curve-mean-swatch" }), say("curve_mean")),
    shaded > 0 && h("li", { key: "shaded" }, h("span", { className: "ioc-swatch ioc-curve-shaded-swatch" }), say("curve_shaded", { count: look.shaded })),
  );
}

function Tip({ at, columns, whole, parts, look, left, width }) {
  const { starts, total, parts: values } = columns[at];
  const lines = parts.map((name, index) => ({ name, value: values[index] })).filter(({ name, value }) => name && value);
  const words = total === null ? say("noDataSentence") : amount(total, look.decimals, look.unit);
  return h(
    "div",
    { className: "ioc-tip", style: { left: Math.min(Math.max(4, left + 14), width - TIP_WIDTH - 4), top: SENTENCE_LINE + LEGEND_LINE, maxWidth: TIP_WIDTH }, "aria-hidden": true },
    h("strong", null, inWords(look.calendar, starts)),
    h("div", null, words),
    ...lines.map(({ name, value }) => h("div", { key: name }, `${name}: ${number(value, look.decimals)}`)),
    at >= whole && h("div", null, say("curve_not_whole")),
  );
}

function Columns({ columns, whole, means, look, width, height, grey, at, setAt, sentence }) {
  const heights = curveHeights(Math.max(0, ...columns.map(({ total }) => total || 0)));
  const top = heights[heights.length - 1];
  const each = (width - LEFT - RIGHT) / columns.length;
  const bar = Math.max(1, each * 0.82);
  const x = (index) => LEFT + index * each + (each - bar) / 2;
  const y = (value) => ABOVE + (1 - value / top) * (height - ABOVE - UNDER);
  const every = everyHowMany(columns.length, width - LEFT - RIGHT, DAY_NAME);
  const last = columns.length - 1;
  const stack = ({ starts, parts }, index) => {
    let under = 0;
    const pieces = parts.map((value, part) => {
      if (!value) return null;
      const low = under;
      under += value;
      const size = y(low) - y(under);
      return h("rect", { key: part, x: x(index), y: y(under), width: bar, height: Math.max(0.5, size), fill: grey ? "#a6a6a6" : COLOURS[part] });
    });
    return h("g", { key: starts, className: index >= whole ? "ioc-curve-not-whole" : null, "data-day": isoDay(starts) }, ...pieces);
  };
  const point = (event) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const index = Math.floor((event.clientX - frame.left - LEFT) / each);
    setAt(index >= 0 && index <= last ? index : null);
  };
  const line = means.map(({ index, value }, place) => `${place ? "L" : "M"}${(LEFT + (index + 0.5) * each).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return h(
    "svg",
    { className: "ioc-curve-columns", width, height, role: "img", "aria-label": sentence || look.title, onMouseMove: point, onMouseLeave: () => setAt(null) },
    whole <= last && h("rect", { className: "ioc-curve-shade", "data-shaded": columns.length - whole, x: LEFT + whole * each, y: ABOVE, width: (columns.length - whole) * each, height: height - ABOVE - UNDER }),
    ...heights.map((value) =>
      h(
        React.Fragment,
        { key: value },
        h("path", { d: `M${LEFT} ${y(value)}H${width - RIGHT}`, className: "ioc-season-height" }),
        h("text", { x: LEFT - 6, y: y(value) + 4, textAnchor: "end" }, number(value, 0)),
      ),
    ),
    at !== null && h("rect", { className: "ioc-curve-pointed", x: LEFT + at * each, y: ABOVE, width: each, height: height - ABOVE - UNDER }),
    ...columns.map(stack),
    line && h("path", { d: line, className: "ioc-curve-mean" }),
    ...columns
      .map(({ starts }, index) => ({ starts, index }))
      .filter(({ index }) => (last - index) % every === 0 && LEFT + (index + 0.5) * each >= LEFT + DAY_NAME / 3)
      .map(({ starts, index }) => h("text", { key: starts, x: Math.min(LEFT + (index + 0.5) * each, width - DAY_NAME / 2), y: height - 4, textAnchor: "middle" }, dayMonth(starts))),
  );
}

/** Lines that the legend takes. */
function legendLines(parts, hasMean, shaded, look, width) {
  const words = [...parts.filter(Boolean), hasMean && say("curve_mean"), shaded > 0 && say("curve_shaded", { count: look.shaded })].filter(Boolean);
  let [lines, used] = [1, 0];
  for (const one of words) {
    const wide = SWATCH + one.length * LEGEND_LETTERS * 0.56;
    if (used && used + wide > width) [lines, used] = [lines + 1, 0];
    used += wide;
  }
  return words.length ? lines : 0;
}

function Curve({ width, height, rows, metric, group, column, look, indicator, chart, selected, select }) {
  const facts = useFacts(indicator, chart, rows);
  const [at, setAt] = React.useState(null);
  const { columns, parts } = React.useMemo(() => curveColumns(rows, { metric, group, column, calendar: look.calendar }), [rows, metric, group, column, look]);
  if (!columns.length) return h("div", { className: "ioc-message", role: "status", style: { width, height } }, whyNoRows(facts, indicator, look.calendar));
  const whole = firstShaded(columns, look.shaded, look.calendar);
  const means = weekMeans(columns, whole, look.calendar);
  const banner = bannerOf(facts, indicator, look.calendar, columns[firstPeriod(facts, indicator, look.calendar, columns)].starts, true);
  const said = bannerHeight(banner, width);
  const sentence = curveSentence(columns, whole, look);
  const head = sentence ? Math.ceil(drawnHeight(sentence, SENTENCE_LETTERS, width - SENTENCE_LETTERS) / (SENTENCE_LETTERS * 1.36)) * SENTENCE_LINE : 0;
  const legend = legendLines(parts, means.length > 0, columns.length - whole, look, width) * LEGEND_LINE;
  const others = say("curve_others");
  const choose = select && group && ((name) => name !== others && select(selected.includes(name) ? [] : [name]));
  return h(
    "div",
    { className: "ioc-curve", style: { width, height }, "data-state": banner.grey ? "grey" : "judged", "data-reason": banner.reason },
    sentence && h("div", { className: "ioc-season-sentence", style: { height: head, lineHeight: `${SENTENCE_LINE}px`, fontSize: SENTENCE_LETTERS } }, sentence),
    h(Banner, { banner, height: said }),
    h(Legend, { parts, look, shaded: columns.length - whole, hasMean: means.length > 0, selected, choose }),
    h(Columns, { columns, whole, means, look, width, height: Math.max(60, height - head - said - legend - FOOTER), grey: banner.grey, at, setAt, sentence }),
    h("div", { className: "ioc-ranking-summary", style: { height: FOOTER } }, [look.unit, supplyLine(banner)].filter(Boolean).join(" · ")),
    at !== null && at < columns.length && h(Tip, { at, columns, whole, parts, look, left: LEFT + (at * (width - LEFT - RIGHT)) / columns.length, width }),
  );
}

function Chart({ look: given, ...others }) {
  const look = React.useMemo(() => given, Object.values(given));
  return h(Curve, { ...others, look });
}

/** The filter that these values put on the dashboard's other charts, as Superset's own charts write it. */
const dataMask = (group, values) => ({
  extraFormData: { filters: values.length ? [{ col: group, op: "IN", val: values }] : [] },
  filterState: { label: values.length ? values.join(", ") : undefined, value: values.length ? values : null, selectedValues: values.length ? values : null },
});

const transformProps = ({ width, height, rawFormData: form, queriesData, hooks, filterState, emitCrossFilters }) => {
  const group = form.group ? core.getColumnLabel(form.group) : null;
  return {
    width,
    height,
    rows: queriesData[0].data,
    ...identity(form),
    metric: core.getMetricLabel(form.metric),
    group,
    column: form.x_axis || "period_starts",
    look: { calendar: form.calendar || "day", shaded: Number(form.shaded || 0), unit: form.unit || "", decimals: Number(form.decimals ?? 0) },
    selected: (filterState && filterState.selectedValues) || [],
    select: emitCrossFilters && group ? (values) => hooks.setDataMask(dataMask(group, values)) : null,
  };
};

class CurvePlugin extends core.ChartPlugin {
  constructor() {
    super({
      Chart,
      metadata: new core.ChartMetadata({
        name: say("chart_curve"),
        description: say("chart_curve_about"),
        category: "Evolution",
        tags: ["Toàn Cảnh"],
        queryObjectCount: QUESTIONS,
        thumbnail: new URL("./curve.svg", import.meta.url).href,
        behaviors: [core.Behavior.InteractiveChart],
      }),
      buildQuery,
      transformProps,
      controlPanel: controls.panel(
        [controls.group(shared.sharedControls)],
        [controls.indicator(), controls.calendar(), controls.unit(), controls.decimals(), controls.shaded()],
      ),
    });
  }
}

loadStyle();
new CurvePlugin().configure({ key: "ioc_curve" }).register();
