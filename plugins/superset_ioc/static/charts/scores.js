// Chart type `ioc_scores`: several indicators, a line each, held against their targets.
import * as controls from "./controls.js";
import { askedMetrics, judgedLook, metricsOf } from "./judged_form.js";
import { QUESTIONS, withAnAnswer } from "./no_rows.js";
import { commonPeriod, lettersOfTwoRows, needsTwoRows, scoreLines } from "./scores_data.js";
import { loadStyle } from "./style.js";
import { useFacts } from "./supply_facts.js";
import { say } from "./texts.js";
import { linesOf } from "./tile_layout.js";

const core = window["__superset__/@superset-ui/core"];
const React = window["__superset__/react"];
const h = React.createElement;

const PERIODS_ASKED = 60;
const HEADER = 24;
const NOTES_LETTERS = 12;
const NOTES_LINE = 16;
const ABOVE_NOTES = 4;
const MOST_LETTERS = 18;
const LEAST_LETTERS = 12;
const buildQuery = (formData) =>
  core.buildQueryContext(formData, (base) =>
    withAnAnswer(base, {
      ...base,
      columns: [formData.x_axis || "period_starts"],
      metrics: [...new Set((formData.lines || []).flatMap(askedMetrics))],
      orderby: [[formData.x_axis || "period_starts", false]],
      row_limit: PERIODS_ASKED,
    }),
  );

const Bar = ({ line }) =>
  h(
    "span",
    { className: "ioc-score-track" },
    h("span", { className: `ioc-score-length ioc-score-${line.look}`, style: { width: `${100 * line.share}%` } }),
    line.target !== null && h("span", { className: "ioc-score-target", style: { left: `${100 * line.target}%` }, title: line.targetWords }),
  );

function Line({ line, common, letters }) {
  const { change, verdict } = line;
  const own = line.period !== null && line.period !== common ? line.period : null;
  const small = { fontSize: Math.max(LEAST_LETTERS, letters - 3) };
  return h(
    "li",
    { className: `ioc-score ioc-score-is-${line.look}`, "aria-label": line.spoken, title: line.spoken, "data-indicator": line.indicator, "data-state": line.look, "data-reason": line.reason },
    h("span", { className: "ioc-score-title", style: { fontSize: letters } }, line.title, own && h("small", null, own)),
    h("span", { className: "ioc-score-value", style: { fontSize: letters + 2 } }, line.value === null ? "–" : line.value, line.value !== null && line.unit && h("small", null, `\u00a0${line.unit}`)),
    h(Bar, { line }),
    h("span", { className: "ioc-score-verdict", style: small, title: verdict.why || undefined }, [verdict.sign, verdict.words].filter(Boolean).join("\u00a0")),
    h("span", { className: `ioc-score-change ioc-score-${(change && change.side) || "change"}`, style: small }, change && `${change.arrow}\u00a0${change.words}`),
  );
}

function Scores({ width, height, rows, column, lines, subject, chart }) {
  const facts = useFacts(subject, chart, rows);
  const said = React.useMemo(() => scoreLines(rows, lines, facts, column), [rows, lines, facts, column]);
  if (!said.length || said.every(({ value }) => value === null)) {
    return h("div", { className: "ioc-message", role: "status", style: { width, height } }, said.length ? said[0].verdict.why : say("noDataSentence"));
  }
  const common = commonPeriod(said);
  const notes = [said.some(({ target }) => target !== null) && say("scores_target"), said.some(({ value, target }) => value !== null && target === null) && say("scores_length")].filter(Boolean).join(" · ");
  const footer = ABOVE_NOTES + NOTES_LINE * linesOf(notes, NOTES_LETTERS, width);
  const each = (height - HEADER - footer) / said.length;
  const inOneRow = Math.floor(Math.max(LEAST_LETTERS, Math.min(MOST_LETTERS, each * 0.4)));
  const narrow = needsTwoRows(said, width, inOneRow);
  const letters = narrow ? lettersOfTwoRows(said, width, each) : inOneRow;
  return h(
    "div",
    { className: `ioc-scores${narrow ? " ioc-scores-narrow" : ""}`, style: { width, height } },
    h("div", { className: "ioc-scores-period", style: { height: HEADER } }, common),
    h("ul", { style: { gridAutoRows: `minmax(${Math.floor(each)}px, auto)` } }, ...said.map((line) => h(Line, { key: line.indicator, line, common, letters }))),
    h("div", { className: "ioc-scores-notes", style: { height: footer } }, notes),
  );
}

/** What a line of the form says of one indicator, as a tile is told. */
const told = (form, calendar) => ({
  title: form.title,
  indicator: form.indicator,
  metrics: metricsOf(form),
  look: {
    ...judgedLook(form),
    calendar,
    proposed: Boolean(form.target_proposed),
    status: form.status || "",
    note: "",
    numeratorUnit: form.numerator_unit || "",
    denominatorUnit: form.denominator_unit || "",
    numeratorTitle: form.numerator_title || "",
    denominatorTitle: form.denominator_title || "",
  },
});

/** Keeps what the form says while it stays the same, though Superset makes it anew at each refresh. */
function Chart({ written, calendar, ...others }) {
  const lines = React.useMemo(() => JSON.parse(written).map((one) => told(one, calendar)), [written, calendar]);
  return h(Scores, { ...others, lines });
}

const transformProps = ({ width, height, rawFormData: form, queriesData }) => ({
  width,
  height,
  rows: queriesData[0].data,
  column: form.x_axis || "period_starts",
  calendar: form.calendar || "month",
  written: JSON.stringify(form.lines || []),
  subject: form.lines && form.lines.length ? form.lines[0].indicator : null,
  chart: form.slice_id || "scores",
});

class ScoresPlugin extends core.ChartPlugin {
  constructor() {
    super({
      Chart,
      metadata: new core.ChartMetadata({
        name: say("chart_scores"),
        description: say("chart_scores_about"),
        category: "KPI",
        tags: ["Toàn Cảnh"],
        queryObjectCount: QUESTIONS,
        thumbnail: new URL("./scores.svg", import.meta.url).href,
      }),
      buildQuery,
      transformProps,
      controlPanel: controls.linesPanel(),
    });
  }
}

loadStyle();
new ScoresPlugin().configure({ key: "ioc_scores" }).register();
