// From the rows of a curve's answer to its columns, its shaded days, and the sentence over it.
import { amount, day, figure, lastDay, number, period } from "./figures.js";
import { say } from "./texts.js";

const DAY = 86_400_000;
const WEEK = 7;
/** Parts that have a colour of their own; the others are drawn as one. */
export const MOST_PARTS = 5;
const ALL = "";

/** The part that a row is of; all rows are of one part where the curve has none. */
const partOf = (row, group) => (group ? String(row[group] ?? "") : ALL);

/**
 * {columns: [{starts, total, parts: [value of each part]}], parts: [name]}: every day from the first with a figure to the last, oldest first;
 * `total` null where there is none. Parts with the most stand first, at the bottom of the columns; those after MOST_PARTS are one.
 */
export function curveColumns(rows, { metric, group, column, calendar = "day" }) {
  const values = new Map();
  const sums = new Map();
  for (const row of rows) {
    const [starts, value] = [day(row[column]), figure(row[metric])];
    if (starts === null || value === null) continue;
    const part = partOf(row, group);
    if (!values.has(starts)) values.set(starts, new Map());
    values.get(starts).set(part, (values.get(starts).get(part) || 0) + value);
    sums.set(part, (sums.get(part) || 0) + value);
  }
  if (!values.size) return { columns: [], parts: [] };
  const ordered = [...sums].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], "vi")).map(([part]) => part);
  const own = ordered.length > MOST_PARTS ? ordered.slice(0, MOST_PARTS - 1) : ordered;
  const parts = own.length < ordered.length ? [...own, say("curve_others")] : own;
  const split = (found) => {
    const known = own.map((part) => found.get(part) || 0);
    if (parts.length === own.length) return known;
    return [...known, [...found].reduce((sum, [part, value]) => (own.includes(part) ? sum : sum + value), 0)];
  };
  const columns = everyPeriod([...values.keys()], calendar).map((starts) => {
    const found = values.get(starts);
    const shown = found ? split(found) : parts.map(() => 0);
    return { starts, total: found ? shown.reduce((sum, value) => sum + value, 0) : null, parts: shown };
  });
  return { columns, parts };
}

/** First days of all periods from the first of these to the last. */
function everyPeriod(known, calendar) {
  const [first, last] = [Math.min(...known), Math.max(...known)];
  const found = [];
  for (let starts = first; starts <= last; starts = lastDay(calendar, starts) + DAY) found.push(starts);
  return found;
}

/** Place of the first column that is shaded: those whose period ends within the last days; all columns are whole when `days` is 0. */
export function firstShaded(columns, days, calendar = "day") {
  if (!columns.length || !days) return columns.length;
  const end = lastDay(calendar, columns[columns.length - 1].starts);
  return columns.findIndex(({ starts }) => lastDay(calendar, starts) > end - days * DAY);
}

const sumOf = (columns) => columns.reduce((sum, { total }) => sum + (total || 0), 0);

/** Mean of each whole day and the six before it: [{index, value}]; none of other calendars than days. */
export function weekMeans(columns, whole, calendar = "day") {
  if (calendar !== "day") return [];
  const found = [];
  for (let index = WEEK - 1; index < whole; index += 1) found.push({ index, value: sumOf(columns.slice(index - WEEK + 1, index + 1)) / WEEK });
  return found;
}

/** What the last whole week says against the week before it; null where there is no whole week of days. */
export function curveSentence(columns, whole, { unit, decimals, calendar = "day" }) {
  if (calendar !== "day" || whole < WEEK) return null;
  const now = sumOf(columns.slice(whole - WEEK, whole));
  const words = { day: period("day", columns[whole - 1].starts), value: amount(now, decimals, unit) };
  if (whole < 2 * WEEK) return say("curve_alone", words);
  const before = sumOf(columns.slice(whole - 2 * WEEK, whole - WEEK));
  if (now === before) return say("curve_same", words);
  const by = before ? `${number(Math.abs((100 * (now - before)) / before), 0)}\u00a0%` : amount(now, decimals, unit);
  return say(now > before ? "curve_rose" : "curve_fell", { ...words, by });
}

/** Heights of the lines across, from 0: at most six round steps to above the highest. */
export function curveHeights(highest) {
  const most = Math.max(highest, 1);
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [0.2, 0.5, 1, 2, 5].map((part) => part * power).find((one) => one >= 1 && most / one <= 5) || 10 * power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** Every how many columns a day is named, so that names of this width do not touch. */
export function everyHowMany(count, width, nameWidth) {
  const least = Math.max(1, Math.ceil((nameWidth * count) / width));
  return [1, 2, 7, 14, 28, 56, 112].find((every) => every >= least) || least;
}
