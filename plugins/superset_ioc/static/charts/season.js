// Chart type `ioc_season`: the years of one indicator over one another.
import * as controls from "./controls.js";
import { amount, number, period as inWords } from "./figures.js";
import { identity } from "./judged_form.js";
import { QUESTIONS, whyNoRows, withAnAnswer } from "./no_rows.js";
import { heights, seasonPeriods, seasonSentence, tetInWords, timeAxis, yearsOf } from "./season_data.js";
import { loadStyle } from "./style.js";
import { Banner, bannerHeight, bannerOf, firstPeriod, supplyLine } from "./supply_banner.js";
import { useFacts } from "./supply_facts.js";
import { say } from "./texts.js";
import { drawnHeight } from "./tile_layout.js";

const core = window["__superset__/@superset-ui/core"];
const React = window["__superset__/react"];
const h = React.createElement;

const PERIODS_ASKED = 1464;
const SENTENCE_LINE = 22;
const SENTENCE_LETTERS = 15;
const LEGEND = 22;
const FOOTER = 20;
const NARROW = 480;
const CROWDED = 900; // the words for four weeks before Tết would run into the word Tết
const LEFT = 62;
const RIGHT = 12;
const UNDER = 22;
const ABOVE = 8;
const LETTER = 7;

const buildQuery = (formData) =>
  core.buildQueryContext(formData, (base) =>
    withAnAnswer(base, {
      ...base,
      columns: [formData.x_axis || "period_starts"],
      metrics: [formData.metric],
      orderby: [[formData.x_axis || "period_starts", false]],
      row_limit: PERIODS_ASKED,
    }),
  );

/** How old a year is decides how its line looks: 0 the last. */
const lookOf = (index, count) => `ioc-year-${Math.min(3, count - 1 - index)}`;
const nameOf = (year, aligned) => say(aligned === "tet" ? "tet_line" : "year_line", { year });

const path = (points, x, y) => points.map(({ at, value }, index) => `${index ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");

function Legend({ years, aligned }) {
  return h(
    "ul",
    { className: "ioc-years", "aria-label": say("legend"), style: { height: LEGEND } },
    ...[...years].reverse().map(({ year }, index) =>
      h(
        "li",
        { key: year },
        h("svg", { width: 30, height: 10, "aria-hidden": true }, h("path", { d: "M1 5H29", className: `ioc-year ${lookOf(years.length - 1 - index, years.length)}` })),
        nameOf(year, aligned),
      ),
    ),
  );
}

/** Values of every year at the place of the pointer. */
function Tip({ years, at, look, x, width }) {
  const nearest = ({ points }) => points.reduce((best, one) => (Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best), points[0]);
  const close = look.calendar === "day" ? 1 : look.calendar === "week" ? 4 : 20;
  const found = years.map((one) => ({ year: one.year, point: nearest(one) })).filter(({ point }) => Math.abs(point.at - at) <= close);
  if (!found.length) return null;
  const left = Math.min(Math.max(4, x(at) + 12), width - 220);
  return h(
    "div",
    { className: "ioc-tip", style: { left, top: 2 * SENTENCE_LINE + LEGEND } },
    look.aligned === "tet" && h("div", null, tetInWords(Math.round(at))),
    ...found.reverse().map(({ year, point }) =>
      h("div", { key: year }, `${look.aligned === "tet" ? `${nameOf(year, "tet")}, ` : ""}${inWords(look.calendar, point.starts)}: `, h("strong", null, amount(point.value, look.decimals, look.unit))),
    ),
  );
}

function Lines({ years, look, width, height, grey, setAt, at }) {
  const narrow = width < NARROW;
  const axis = timeAxis(look.aligned, narrow, width < CROWDED);
  const ticks = heights(years, look.unit);
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const x = (days) => LEFT + ((days - axis.from) / (axis.to - axis.from)) * (width - LEFT - RIGHT);
  const y = (value) => ABOVE + ((high - value) / (high - low)) * (height - ABOVE - UNDER);
  const last = years[years.length - 1];
  const end = last.points[last.points.length - 1];
  const step = ticks[1] - ticks[0];
  const decimals = Number.isInteger(step) ? 0 : Math.min(4, Math.max(1, -Math.floor(Math.log10(step))));
  const point = (event) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const days = axis.from + ((event.clientX - frame.left - LEFT) / (width - LEFT - RIGHT)) * (axis.to - axis.from);
    setAt(days < axis.from || days > axis.to ? null : days);
  };
  return {
    x,
    drawing: h(
      "svg",
      { className: "ioc-season-lines", width, height, role: "img", "aria-label": seasonSentence(years, look), onMouseMove: point, onMouseLeave: () => setAt(null) },
      ...ticks.map((value) =>
        h(
          React.Fragment,
          { key: value },
          h("path", { d: `M${LEFT} ${y(value)}H${width - RIGHT}`, className: "ioc-season-height" }),
          h("text", { x: LEFT - 6, y: y(value) + 4, textAnchor: "end" }, number(value, decimals)),
        ),
      ),
      ...axis.marks.map(({ at: days, words }) => h("text", { key: words, x: Math.max(x(days), LEFT + (words.length * LETTER) / 2 - LETTER), y: height - 5, textAnchor: "middle", className: days === 0 && look.aligned === "tet" ? "ioc-season-tet" : null }, words)),
      look.aligned === "tet" && h("path", { d: `M${x(0)} ${ABOVE}V${height - UNDER}`, className: "ioc-season-new-year" }),
      at !== null && h("path", { d: `M${x(at)} ${ABOVE}V${height - UNDER}`, className: "ioc-season-pointer" }),
      ...years.map(({ year, points }, index) => h("path", { key: year, d: path(points, x, y), className: `ioc-year ${lookOf(index, years.length)}${grey && index === years.length - 1 ? " ioc-year-grey" : ""}` })),
      h("circle", { cx: x(end.at), cy: y(end.value), r: 4.5, className: grey ? "ioc-year-end ioc-year-grey" : "ioc-year-end" }),
    ),
  };
}

function Season({ width, height, rows, metric, column, look, indicator, chart }) {
  const facts = useFacts(indicator, chart, rows);
  const [at, setAt] = React.useState(null);
  const periods = React.useMemo(() => seasonPeriods(rows, metric, column), [rows, metric, column]);
  const first = React.useMemo(() => (periods.length ? firstPeriod(facts, indicator, look.calendar, periods) : -1), [facts, indicator, look, periods]);
  // The period that runs would end each year in a fall that is none.
  const years = React.useMemo(() => yearsOf(periods.slice(0, first + 1), look.calendar, look.aligned), [periods, first, look]);
  if (!years.length) return h("div", { className: "ioc-message", role: "status", style: { width, height } }, whyNoRows(facts, indicator, look.calendar));
  const banner = bannerOf(facts, indicator, look.calendar, periods[first].starts, true);
  const said = bannerHeight(banner, width);
  const sentence = seasonSentence(years, look);
  const top = drawnHeight(sentence, SENTENCE_LETTERS, width - SENTENCE_LETTERS) > SENTENCE_LINE ? 2 * SENTENCE_LINE : SENTENCE_LINE;
  const room = height - top - LEGEND - FOOTER - said;
  const { x, drawing } = Lines({ years, look, width, height: room, grey: banner.grey, at, setAt });
  return h(
    "div",
    { className: "ioc-season", style: { width, height }, "data-state": banner.grey ? "grey" : "judged", "data-reason": banner.reason },
    h("div", { className: "ioc-season-sentence", style: { height: top, lineHeight: `${SENTENCE_LINE}px`, fontSize: SENTENCE_LETTERS } }, sentence),
    h(Banner, { banner, height: said }),
    h(Legend, { years, aligned: look.aligned }),
    drawing,
    h("div", { className: "ioc-ranking-summary", style: { height: FOOTER } }, [look.unit, supplyLine(banner)].filter(Boolean).join(" · ")),
    at !== null && h(Tip, { years, at, look, x, width }),
  );
}

function Chart({ look: given, ...others }) {
  const look = React.useMemo(() => given, Object.values(given));
  return h(Season, { ...others, look });
}

const transformProps = ({ width, height, rawFormData: form, queriesData }) => ({
  width,
  height,
  rows: queriesData[0].data,
  ...identity(form),
  metric: core.getMetricLabel(form.metric),
  column: form.x_axis || "period_starts",
  look: { calendar: form.calendar || "month", aligned: form.aligned || "year", unit: form.unit || "", decimals: Number(form.decimals ?? 1) },
});

class SeasonPlugin extends core.ChartPlugin {
  constructor() {
    super({
      Chart,
      metadata: new core.ChartMetadata({
        name: say("chart_season"),
        description: say("chart_season_about"),
        category: "Evolution",
        tags: ["Toàn Cảnh"],
        queryObjectCount: QUESTIONS,
        thumbnail: new URL("./season.svg", import.meta.url).href,
      }),
      buildQuery,
      transformProps,
      controlPanel: controls.panel([], [controls.indicator(), controls.calendar(), controls.aligned(), controls.unit(), controls.decimals()]),
    });
  }
}

loadStyle();
new SeasonPlugin().configure({ key: "ioc_season" }).register();
