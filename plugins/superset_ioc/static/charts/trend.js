// Superset's own lines and columns, where a contract made them: with the periods' names on the axis, and with the line that says that their
// data are late. Their type stays Superset's own, so that the exported dashboard opens in a Superset without this module; there it has
// neither. Charts that were made by hand name no `indicators` and stay as they are.
import { loadStyle } from "./style.js";
import { Banner, bannerHeight } from "./supply_banner.js";
import { useFacts } from "./supply_facts.js";
import { inOrder, periodsOf, trendBanner, withPeriods } from "./trend_data.js";

const core = window["__superset__/@superset-ui/core"];
const React = window["__superset__/react"];
const h = React.createElement;

const KINDS = ["echarts_timeseries_line", "echarts_timeseries_bar", "mixed_timeseries"];

/** Superset's chart below the line that says why its figures are not judged. */
const below = (Drawn) =>
  function Trend({ trend, ...props }) {
    if (!trend) return h(Drawn, props);
    return h(Supplied, { Drawn, trend, ...props });
  };

function Supplied({ Drawn, trend, ...props }) {
  const { indicators, chart, rows, column, calendar } = trend;
  const facts = useFacts(indicators[0], chart, rows);
  const banner = React.useMemo(() => trendBanner(facts, indicators, calendar, rows, column), [facts, rows, calendar, column]);
  const said = bannerHeight(banner, props.width);
  return h("div", { className: "ioc-trend", "data-reason": banner.reason }, h(Banner, { banner, height: said }), h(Drawn, { ...props, height: props.height - said }));
}

/** What Superset makes of an answer, with the names of periods, the parts in their order, and with what the line over the chart needs. */
const told = (transform) => (given) => {
  const props = transform(given);
  const form = given.rawFormData || {};
  if (!Array.isArray(form.indicators) || !form.indicators.length || !form.calendar) return props;
  const column = form.x_axis || "period_starts";
  const rows = given.queriesData[0].data || [];
  const written = core.getTimeFormatter(form.tooltipTimeFormat);
  const around = { periods: periodsOf(rows, column, form.calendar), calendar: form.calendar, width: props.width, written };
  const trend = { indicators: form.indicators, chart: form.slice_id || form.indicators[0], rows, column, calendar: form.calendar };
  return { ...props, echartOptions: inOrder(withPeriods(props.echartOptions, around), form.parts), trend };
};

/**
 * Answers of a registry for these kinds are changed once they are asked for: a chart's code is loaded by the first page that shows one, and
 * not by every page that loads this module.
 */
function change(registry, made) {
  const ask = registry.getAsPromise.bind(registry);
  const changed = new Map();
  registry.getAsPromise = (kind) => {
    if (!KINDS.includes(kind)) return ask(kind);
    if (!changed.has(kind)) changed.set(kind, ask(kind).then((found) => made(found.default || found)));
    return changed.get(kind);
  };
}

loadStyle();
change(core.getChartComponentRegistry(), below);
change(core.getChartTransformPropsRegistry(), told);
