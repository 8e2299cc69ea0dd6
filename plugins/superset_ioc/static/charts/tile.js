// Chart type `ioc_tile`: one figure that is read from three metres, with its period, target, change and course.
import * as controls from "./controls.js";
import { askedMetrics, identity, judgedLook, metricsOf, sourcesOf } from "./judged_form.js";
import { QUESTIONS, withAnAnswer } from "./no_rows.js";
import { loadStyle } from "./style.js";
import { useFacts } from "./supply_facts.js";
import { say } from "./texts.js";
import { courseOf, sparkline, tileOf } from "./tile_data.js";
import { arrange, EDGE, lettersLoaded, PADDING } from "./tile_layout.js";
import "./trend.js"; // no type of its own, and every dashboard loads this one

const core = window["__superset__/@superset-ui/core"];
const shared = window["__superset__/@superset-ui/chart-controls"];
const React = window["__superset__/react"];
const h = React.createElement;

const PERIODS_ASKED = 60;

const buildQuery = (formData) =>
  core.buildQueryContext(formData, (base) =>
    withAnAnswer(base, {
      ...base,
      columns: [formData.x_axis || "period_starts"],
      metrics: askedMetrics(formData),
      orderby: [[formData.x_axis || "period_starts", false]],
      row_limit: PERIODS_ASKED,
    }),
  );

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
  const said = { role: "group", "aria-label": tile.spoken, title: tile.spoken, "data-state": tile.state, "data-reason": tile.reason };
  return h(
    "div",
    { className: "ioc-tile ioc-tile-empty", style: { width, height }, ...said },
    ...tile.words.map((words) => h("div", { key: words }, words)),
  );
}

/** All that is known of the figure, over the tile while the button is pointed at or has the focus. */
function Details({ tile }) {
  const [open, setOpen] = React.useState(false);
  const opens = { onMouseEnter: () => setOpen(true), onFocus: () => setOpen(true), onClick: () => setOpen(true) };
  const closes = { onBlur: () => setOpen(false), onKeyDown: (event) => event.key === "Escape" && setOpen(false) };
  const button = { type: "button", className: "ioc-tile-more", "aria-label": say("details"), "aria-expanded": open };
  const line = ([label, lines]) => h(React.Fragment, { key: label }, h("dt", null, label), ...lines.map((words) => h("dd", { key: words }, words)));
  return h(
    "div",
    { className: `ioc-tile-details${open ? " ioc-open" : ""}`, onMouseLeave: () => setOpen(false) },
    h("button", { ...button, ...opens, ...closes }, "i"),
    open && h("dl", { className: "ioc-tile-all" }, ...tile.details.map(line)),
  );
}

function Tile({ width, height, rows, metrics, column, look, indicator, chart }) {
  const facts = useFacts(indicator, chart, rows);
  const course = React.useMemo(() => courseOf(rows, metrics, column), [rows, metrics, column]);
  const tile = React.useMemo(() => tileOf(course, look, facts, indicator), [course, look, facts, indicator]);
  const letters = useLetters();
  const sizes = React.useMemo(() => tile.value !== null && arrange(tile, width, height), [tile, width, height, letters]);
  if (!sizes) return h(Empty, { tile, width, height });
  const style = { width, height, padding: `${PADDING}px ${PADDING}px ${PADDING}px ${PADDING + EDGE}px`, "--ioc-level": tile.colour };
  const said = { role: "group", "aria-label": tile.spoken, "data-state": tile.state, "data-reason": tile.reason };
  return h(
    "div",
    { className: `ioc-tile ioc-tile-is-${tile.state}${tile.colour ? " ioc-tile-levelled" : ""}`, style, ...said },
    h(
      "div",
      { className: "ioc-figure", style: { fontSize: sizes.figure } },
      tile.value,
      sizes.unitBeside && h("span", { className: "ioc-unit-of-measure" }, `\u00a0${tile.unit}`),
    ),
    ...sizes.lines.map(({ key, words, size, large }) =>
      h("div", { key, className: `ioc-tile-${key}${large ? " ioc-tile-state" : ""}`, style: { fontSize: size } }, words),
    ),
    tile.course.length > 0 && sizes.course > 0 && h(Course, { tile, width: width - 2 * PADDING - EDGE, height: sizes.course }),
    h(Details, { tile }),
  );
}

/** Objects that stay the same while nothing in them changes, so that what is made of them is kept. */
const useSame = (made) => React.useMemo(() => made, Object.values(made));

function Chart({ look, metrics, ...others }) {
  return h(Tile, { ...others, look: useSame(look), metrics: useSame(metrics) });
}

/** "Tử số: số mẫu đạt" */
const side = (key, title) => [say(key), title].filter(Boolean).join(": ");

const transformProps = ({ width, height, rawFormData: form, queriesData }) => ({
  width,
  height,
  rows: queriesData[0].data,
  column: form.x_axis || "period_starts",
  ...identity(form),
  metrics: metricsOf(form),
  look: {
    ...judgedLook(form),
    calendar: form.calendar || "month",
    proposed: Boolean(form.target_proposed),
    status: form.status || "",
    sources: sourcesOf(form),
    note: form.n_note || "",
    numeratorUnit: form.numerator_unit || "",
    denominatorUnit: form.denominator_unit || "",
    numeratorTitle: side("numerator", form.numerator_title),
    denominatorTitle: side("denominator", form.denominator_title),
  },
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
        queryObjectCount: QUESTIONS,
        thumbnail: new URL("./tile.svg", import.meta.url).href,
      }),
      buildQuery,
      transformProps,
      controlPanel: controls.panel(
        [
          controls.targetMetric(shared.sharedControls),
          controls.numeratorMetric(shared.sharedControls),
          controls.denominatorMetric(shared.sharedControls),
        ],
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
