// Chart type `ioc_ranking`: units, agencies or other parts as bars, for the last period that has values.
import * as controls from "./controls.js";
import { askedMetrics, identity, judgedLook, metricsOf, sourcesOf } from "./judged_form.js";
import { periodInWords, sourcesInWords } from "./figure_status.js";
import { targetInWords } from "./figures.js";
import { QUESTIONS, whyNoRows, withAnAnswer } from "./no_rows.js";
import { HEADER_HEIGHT, PeriodHeader } from "./period_header.js";
import { MORE_LINE, barsOf, foldOf, footerLines, rankingPeriods } from "./ranking_data.js";
import { Bar, Look, WholeList, useWholeList } from "./ranking_list.js";
import { loadStyle } from "./style.js";
import { Banner, bannerHeight, bannerOf, firstPeriod, supplyLine } from "./supply_banner.js";
import { useFacts } from "./supply_facts.js";
import { say } from "./texts.js";

const core = window["__superset__/@superset-ui/core"];
const shared = window["__superset__/@superset-ui/chart-controls"];
const React = window["__superset__/react"];
const h = React.createElement;

const ROWS_ASKED = 8000;
const FOOTER_LINE = 18;
const ABOVE_FOOTER = 4;
const NARROW = 440; // names may take two lines there

const buildQuery = (formData) =>
  core.buildQueryContext(formData, (base) =>
    withAnAnswer(base, {
      ...base,
      columns: [formData.group, formData.x_axis || "period_starts"],
      metrics: askedMetrics(formData),
      orderby: [[formData.x_axis || "period_starts", false]],
      row_limit: ROWS_ASKED,
    }),
  );

function Ranking({ width, height, periods, calendar, look, facts, indicator, chart, title, selected, select, openMenu }) {
  const [starts, setStarts] = React.useState(null);
  const [isWhole, showWhole, closeWhole] = useWholeList(chart);
  if (!periods.length) return h("div", { className: "ioc-message", role: "status", style: { width, height } }, whyNoRows(facts, indicator, calendar));
  const first = firstPeriod(facts, indicator, calendar, periods);
  const chosen = periods.findIndex((one) => one.starts === starts);
  const index = chosen < 0 ? first : chosen;
  const banner = bannerOf(facts, indicator, calendar, periods[index].starts, index >= first);
  const said = bannerHeight(banner, width);
  const about = (drawn) => [drawn.summary, look.unit, supplyLine(banner), sourcesInWords(look.sources)].filter(Boolean).join(" · ");
  const { parts, target } = periods[index];
  const upTo = (most) => barsOf(periods[index], look, most, banner.grey);
  const all = upTo(parts.length);
  const footer = ABOVE_FOOTER + FOOTER_LINE * footerLines(all.looks, about(all), width);
  const fold = foldOf(parts.length, height - HEADER_HEIGHT - footer - said);
  const drawn = upTo(fold.shown);
  const words = periodInWords(calendar, periods[index], look);
  const rounded = { ...look, decimals: Number.isInteger(target) ? 0 : look.decimals };
  const targetWords = target === null ? null : say(look.paced ? "target_paced" : "target", { value: targetInWords(target, rounded) });
  const choose = (name) => select && select(selected.includes(name) ? selected.filter((one) => one !== name) : [...selected, name]);
  return h(
    "div",
    { className: "ioc-ranking", style: { width, height }, "data-state": banner.grey ? "grey" : "judged", "data-reason": banner.reason },
    h(
      PeriodHeader,
      {
        words,
        older: index > 0 ? () => setStarts(periods[index - 1].starts) : null,
        newer: index < periods.length - 1 ? () => setStarts(periods[index + 1].starts) : null,
      },
      targetWords && h("span", { className: "ioc-ranking-target-words" }, targetWords),
    ),
    h(Banner, { banner, height: said }),
    h(
      "ol",
      { className: `ioc-bars${width < NARROW ? " ioc-bars-narrow" : ""}`, "aria-label": words },
      ...drawn.bars.map((bar) => h(Bar, { key: bar.name, bar, size: fold.size, target: drawn.target, selected, choose, openMenu })),
    ),
    fold.folded > 0 &&
      h(
        "button",
        { type: "button", className: "ioc-ranking-more", style: { height: MORE_LINE }, "aria-haspopup": "dialog", onClick: showWhole },
        say("ranking_more", { count: fold.folded }),
      ),
    isWhole && h(WholeList, { chart, title, words, drawn: all, about: about(all), selected, choose, close: closeWhole }),
    h("div", { className: "ioc-ranking-summary", style: { height: footer } }, ...drawn.looks.map((one) => h(Look, { key: one.look, ...one })), h("span", null, about(drawn))),
  );
}

/** Keeps what was made of the rows while only the pointer moves. */
function Chart({ rows, metrics, group, look: given, indicator, chart, ...others }) {
  const facts = useFacts(indicator, chart, rows);
  const look = React.useMemo(() => given, Object.values(given));
  const asked = [rows, group, given.decimals, ...Object.values(metrics)];
  const periods = React.useMemo(() => rankingPeriods(rows, metrics, group, given.decimals), asked);
  return h(Ranking, { ...others, periods, look, facts, indicator, chart });
}

/** The filter that these values put on the dashboard's other charts, as Superset's own charts write it. */
const dataMask = (group, values) => ({
  extraFormData: { filters: values.length ? [{ col: group, op: "IN", val: values }] : [] },
  filterState: { label: values.length ? values.join(", ") : undefined, value: values.length ? values : null, selectedValues: values.length ? values : null },
});

function contextMenu(onContextMenu, group, selected, select) {
  return (event, value) => {
    event.preventDefault();
    event.stopPropagation();
    onContextMenu(event.nativeEvent.clientX, event.nativeEvent.clientY, {
      drillToDetail: [{ col: group, op: "==", val: value, formattedVal: value }],
      crossFilter: select ? { dataMask: dataMask(group, [value]), isCurrentValueSelected: selected.includes(value) } : undefined,
    });
  };
}

function transformProps({ width, height, rawFormData: form, queriesData, hooks, filterState, emitCrossFilters, datasource }) {
  const group = core.getColumnLabel(form.group);
  const { verboseMap = {} } = datasource || {};
  const selected = (filterState && filterState.selectedValues) || [];
  const select = emitCrossFilters ? (values) => hooks.setDataMask(dataMask(group, values)) : null;
  return {
    width,
    height,
    rows: queriesData[0].data,
    ...identity(form),
    metrics: metricsOf(form),
    group,
    title: verboseMap[core.getMetricLabel(form.metric)] || "",
    calendar: form.calendar || "month",
    look: { ...judgedLook(form), status: form.status || "", sources: sourcesOf(form) },
    selected,
    select,
    openMenu: hooks.onContextMenu ? contextMenu(hooks.onContextMenu, group, selected, select) : null,
  };
}

class RankingPlugin extends core.ChartPlugin {
  constructor() {
    super({
      Chart,
      metadata: new core.ChartMetadata({
        name: say("chart_ranking"),
        description: say("chart_ranking_about"),
        category: "Ranking",
        tags: ["Toàn Cảnh"],
        queryObjectCount: QUESTIONS,
        thumbnail: new URL("./ranking.svg", import.meta.url).href,
        behaviors: [core.Behavior.InteractiveChart, core.Behavior.DrillToDetail],
      }),
      buildQuery,
      transformProps,
      controlPanel: controls.panel(
        [
          controls.targetMetric(shared.sharedControls),
          controls.numeratorMetric(shared.sharedControls),
          controls.denominatorMetric(shared.sharedControls),
          controls.group(shared.sharedControls),
        ],
        [controls.indicator(), controls.calendar(), controls.direction(), controls.unit(), controls.decimals(), controls.amber()],
      ),
    });
  }
}

loadStyle();
new RankingPlugin().configure({ key: "ioc_ranking" }).register();
