// From the rows of a ranking's answer to its periods and bars.
import { amount, day, figure, meets, number } from "./figures.js";
import { say } from "./texts.js";

/**
 * Periods of the answer, oldest first: [{starts, target, parts: [{name, value}]}]; only those in which any part has a value, and in them
 * only parts that have one.
 */
export function rankingPeriods(rows, metric, targetMetric, group, decimals, column = "period_starts") {
  const periods = new Map();
  for (const row of rows) {
    const starts = day(row[column]);
    const value = figure(row[metric]);
    if (starts === null || value === null || row[group] === null || row[group] === undefined) continue;
    if (!periods.has(starts)) periods.set(starts, { starts, target: null, parts: [] });
    const period = periods.get(starts);
    if (targetMetric && period.target === null) period.target = figure(row[targetMetric]);
    period.parts.push({ name: String(row[group]), value: Number(value.toFixed(decimals)) });
  }
  return [...periods.values()].sort((a, b) => a.starts - b.starts);
}

/**
 * The bars of one period, the worst first, or the highest where no side is worse: {bars: [{name, value, words, share, met, rank}], scale,
 * target, summary}. Shares are of the longest thing drawn, bar or target; a value under zero has no bar.
 */
export function barsOf({ parts, target }, { direction, decimals, unit }, most) {
  const upwards = direction === "up";
  const sorted = [...parts].sort((a, b) => (upwards ? a.value - b.value : b.value - a.value) || a.name.localeCompare(b.name, "vi"));
  const shown = sorted.slice(0, most);
  const scale = Math.max(0, target ?? 0, ...shown.map(({ value }) => value));
  const share = (value) => (scale > 0 ? Math.max(0, value) / scale : 0);
  const bars = shown.map(({ name, value }, index) => ({
    name,
    value,
    words: number(value, decimals),
    spoken: `${index + 1}. ${name}: ${amount(value, decimals, unit)}`,
    share: share(value),
    met: meets(value, target, direction),
  }));
  const key = shown.length === sorted.length ? (upwards ? "allLowestFirst" : "allHighestFirst") : upwards ? "lowestOf" : "highestOf";
  return { bars, target: target === null ? null : share(target), summary: say(key, { shown: shown.length, count: sorted.length }) };
}
