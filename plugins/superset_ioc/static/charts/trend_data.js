// What a trend of Superset's own is given beside its lines: an axis that names periods as tiles do, and why its figures are not judged.
import { day, figure, lastDay, period } from "./figures.js";
import { bannerOf, firstPeriod } from "./supply_banner.js";
import { say } from "./texts.js";

const DAY = 86_400_000;
const MOST_PERIODS = 4000;
const LETTER = 7; // width of a character of the axis, which is written in 12 px
const BETWEEN = 14;
const BESIDE_AXIS = 70; // the numbers of the other axis, and the edges

/** Days on which periods begin, from the first that has a row to the last, in order: one without a row has its place too. */
export function periodsOf(rows, column, calendar) {
  const known = [...new Set(rows.map((row) => day(row[column])).filter((starts) => starts !== null))].sort((a, b) => a - b);
  if (!known.length) return known;
  const all = new Set(known);
  for (let starts = known[0], count = 0; starts < known[known.length - 1] && count < MOST_PERIODS; count += 1) {
    starts = lastDay(calendar, starts) + DAY;
    if (starts < known[known.length - 1]) all.add(starts);
  }
  return [...all].sort((a, b) => a - b);
}

/** A period on an axis whose name says which calendar it is: "47/2026" of "Tuần 47/2026"; of a day its month and not its year. */
export function shortPeriod(calendar, starts) {
  const words = period(calendar, starts);
  if (calendar === "day") return words.slice(0, 5);
  const numbers = words.slice(words.search(/\d/));
  return calendar.endsWith("quarter") ? say("axis_quarter", { quarter: numbers }) : numbers;
}

/** The name of the axis: "Tháng hành chính (15 đến 14)". */
export function axisName(calendar) {
  const words = say(`calendar_${calendar}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Of so many labels each which is written, so that they stand apart; counted from the last, which is always written. */
export function everyLabel(labels, width) {
  const widest = Math.max(...labels.map((label) => label.length)) * LETTER + BETWEEN;
  return Math.max(1, Math.ceil((labels.length * widest) / Math.max(1, width - BESIDE_AXIS)));
}

const asText = (point) => (Array.isArray(point) ? [String(point[0]), ...point.slice(1)] : { ...point, value: asText(point.value) });
const asNumber = (one) => (Array.isArray(one.value) ? { ...one, value: [Number(one.value[0]), ...one.value.slice(1)] } : one);

/** The tooltip with the period in words over it. `written` is how Superset writes the day on which it begins. */
function tooltipOf(tooltip, calendar, written) {
  const { formatter } = tooltip || {};
  if (typeof formatter !== "function") return tooltip;
  const named = (given, ...others) => {
    const said = formatter(Array.isArray(given) ? given.map(asNumber) : asNumber(given), ...others);
    const [first] = Array.isArray(given) ? given : [given];
    const starts = Number(first.value[0]);
    return typeof said === "string" ? said.replace(written(starts), period(calendar, starts)) : said;
  };
  return { ...tooltip, formatter: named };
}

/**
 * The chart's options with the periods as places of the axis instead of a scale of time, whose marks fall between weeks and quarters.
 * Unchanged where the axis is none of time. `written`: a day as Superset's tooltip writes it.
 */
export function withPeriods(options, { periods, calendar, width, written }) {
  if (!options.xAxis || options.xAxis.type !== "time" || !periods.length) return options;
  const labels = periods.map((starts) => shortPeriod(calendar, starts));
  const every = everyLabel(labels, width);
  const { min, max, minInterval, maxInterval, minorTick, ...axis } = options.xAxis;
  return {
    ...options,
    xAxis: {
      ...axis,
      type: "category",
      data: periods.map(String),
      name: axis.name ? axisName(calendar) : axis.name,
      axisTick: { ...axis.axisTick, alignWithLabel: true, interval: (index) => (periods.length - 1 - index) % every === 0 },
      axisLabel: {
        ...axis.axisLabel,
        alignMinLabel: undefined,
        alignMaxLabel: undefined,
        showMinLabel: undefined,
        showMaxLabel: undefined,
        hideOverlap: true,
        interval: (index) => (periods.length - 1 - index) % every === 0,
        formatter: (starts) => shortPeriod(calendar, Number(starts)),
      },
    },
    series: options.series.map((one) => (Array.isArray(one.data) ? { ...one, data: one.data.map(asText) } : one)),
    tooltip: tooltipOf(options.tooltip, calendar, written),
  };
}

/** The options with lines, columns and their names in the order of `parts`, what a contract calls the parts; others come after. */
export function inOrder(options, parts) {
  if (!Array.isArray(parts) || !parts.length) return options;
  // Of several measures Superset names a line by both: "Học sinh, Tiểu học".
  const place = (name) => {
    const at = parts.findIndex((part) => name === part || String(name).endsWith(`, ${part}`));
    return at < 0 ? parts.length : at;
  };
  const sorted = (list, nameOf) => [...list].sort((a, b) => place(nameOf(a)) - place(nameOf(b)));
  const { legend } = options;
  return {
    ...options,
    series: sorted(options.series, (one) => one.name),
    legend: legend && Array.isArray(legend.data) ? { ...legend, data: sorted(legend.data, (one) => (one && one.name) || one) } : legend,
  };
}

/**
 * What is said over a trend: the first of its indicators whose last period is not to be judged because of its data. That the period runs
 * says nothing here: a line is no verdict on its last point.
 */
export function trendBanner(facts, indicators, calendar, rows, column) {
  const starts = rows
    .filter((row) => Object.entries(row).some(([name, value]) => name !== column && typeof value !== "string" && figure(value) !== null))
    .map((row) => day(row[column]));
  const known = [...new Set(starts)].sort((a, b) => a - b).map((one) => ({ starts: one }));
  const nothing = { grey: false, reason: null, words: null, judged: null };
  if (!known.length) return nothing;
  const banners = indicators.map((indicator) => bannerOf(facts, indicator, calendar, known[firstPeriod(facts, indicator, calendar, known)].starts, true));
  return banners.find(({ grey, reason }) => grey && reason !== "period_running") || nothing;
}
