// From the rows of a season's answer to the years that are drawn over one another.
import { amount, change, day, figure, lastDay, number, period } from "./figures.js";
import { lunarNewYear } from "./lunar_new_year.js";
import { say } from "./texts.js";

const DAY = 86_400_000;
const WEEK = 7;
const BEFORE_TET = 42; // days before a lunar new year that are told with it: people travel, buy and pay before it
const MONTHS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const YEAR = 366;
const LUNAR_YEAR = 384; // one with a leap month
const MOST_YEARS = 4;
const LEAST_OF_A_YEAR = 0.5;
const STEPS = [1, 2, 2.5, 5, 10];

/** Year and days since its beginning of the period that begins on this day; null where no beginning is known. */
export function place(starts, calendar, aligned) {
  const date = new Date(starts);
  if (aligned === "tet") {
    for (const year of [date.getUTCFullYear() + 1, date.getUTCFullYear(), date.getUTCFullYear() - 1]) {
      const began = lunarNewYear(year);
      if (began !== null && starts >= began - BEFORE_TET * DAY) return { year, at: Math.round((starts - began) / DAY) };
    }
    return null;
  }
  // A week is of the year that its Thursday lies in.
  const year = new Date(starts + (calendar === "week" ? 3 * DAY : 0)).getUTCFullYear();
  return { year, at: Math.round((starts - Date.UTC(year, 0, 1)) / DAY) };
}

/** Periods with a value, oldest first: [{starts, value}]. */
export function seasonPeriods(rows, metric, column = "period_starts") {
  return rows
    .map((row) => ({ starts: day(row[column]), value: figure(row[metric]) }))
    .filter(({ starts, value }) => starts !== null && value !== null)
    .sort((a, b) => a.starts - b.starts);
}

/** The years, oldest first: [{year, points: [{at, starts, value}]}], at most four. A first year of which little is known is left out. */
export function yearsOf(periods, calendar, aligned) {
  const years = new Map();
  for (const { starts, value } of periods) {
    const found = place(starts, calendar, aligned);
    if (!found) continue;
    if (!years.has(found.year)) years.set(found.year, []);
    years.get(found.year).push({ at: found.at, starts, value });
  }
  const found = [...years].map(([year, points]) => ({ year, points })).sort((a, b) => a.year - b.year);
  const fullest = Math.max(...found.map(({ points }) => points.length));
  const begins = found.length > 1 && found[0].points.length < fullest * LEAST_OF_A_YEAR ? 1 : 0;
  return found.slice(begins).slice(-MOST_YEARS);
}

/** The same time in the year before: the period that begins nearest to it, no further than half a period away. */
export function yearBefore(years, calendar, aligned) {
  const last = years[years.length - 1];
  const before = years.find(({ year }) => year === last.year - 1);
  const point = last.points[last.points.length - 1];
  if (!before) return { point, before: null, year: last.year - 1 };
  const span = (lastDay(calendar, point.starts) - point.starts) / DAY + 1;
  // A month begins one day later after 29 February, and lunar years begin on any day of the week.
  const near = [...before.points].sort((a, b) => Math.abs(a.at - point.at) - Math.abs(b.at - point.at))[0];
  return { point, before: near && Math.abs(near.at - point.at) <= Math.max(1, span / 2) ? near : null, year: before.year };
}

/** The answer in one sentence: the last period against the same time a year before, in per cent, of a share in points. */
export function seasonSentence(years, { calendar, aligned, unit, decimals }) {
  const { point, before, year } = yearBefore(years, calendar, aligned);
  const words = { period: period(calendar, point.starts), value: amount(point.value, decimals, unit), before: aligned === "tet" ? say("tet_line", { year }) : year };
  if (!before) return say("season_alone", words);
  if (unit !== "%" && before.value > 0) {
    const by = Math.round((point.value / before.value - 1) * 1000) / 10;
    const key = by === 0 ? "season_same" : by > 0 ? "season_rose" : "season_fell";
    return say(key, { ...words, by: `${number(Math.abs(by), 1)}\u00a0%` });
  }
  const said = change(point.value, before.value, { decimals, unit });
  const key = { "→": "season_same", "▲": "season_rose", "▼": "season_fell" }[said.arrow];
  const by = Math.abs(Number((point.value - before.value).toFixed(decimals)));
  return say(key, { ...words, by: amount(by, decimals, unit === "%" ? say("points") : unit) });
}

/** Round numbers from the least to the greatest of what is drawn, zero among them unless it is a share. */
export function heights(years, unit, wanted = 4) {
  const values = years.flatMap(({ points }) => points.map(({ value }) => value));
  const low = unit === "%" ? Math.min(...values) : Math.min(0, ...values);
  const high = Math.max(...values, low);
  if (high === low) return [low, low + 1];
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = STEPS.find((one) => one * power >= raw) * power;
  const first = Math.floor(low / step) * step;
  const count = Math.ceil((high - first) / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((first + index * step).toPrecision(12)));
}

/** What is written under the line of time: [{at, words}] in days, and the days it begins and ends with. */
export function timeAxis(aligned, narrow, crowded = narrow) {
  if (aligned !== "tet") {
    const marks = MONTHS.map((at, index) => ({ at, words: say("month_short", { month: index + 1 }), month: index }));
    return { from: -3, to: YEAR, marks: narrow ? marks.filter(({ month }) => month % 2 === 0) : marks };
  }
  const step = narrow ? 12 : 8;
  const after = Array.from({ length: Math.floor(46 / step) }, (_, index) => (index + 1) * step);
  const marks = [
    { at: -4 * WEEK, words: say("weeks_before", { count: 4 }) },
    { at: 0, words: say("tet") },
    ...after.map((count) => ({ at: count * WEEK, words: say("weeks_after", { count }) })),
  ];
  return { from: -BEFORE_TET, to: LUNAR_YEAR - BEFORE_TET, marks: crowded ? marks.slice(1) : marks };
}

/** How a place in the lunar year is called: "10 ngày trước Tết". */
export const tetInWords = (at) => (at < 0 ? say("season_days_before", { count: -at }) : say("season_days_after", { count: at + 1 }));
