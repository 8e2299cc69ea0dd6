// Numbers, differences, targets and periods in words.
import { say } from "./texts.js";

const NUMBERS = "vi-VN";
const DAY = 86_400_000;
const NO_BREAK = "\u00a0";

/** A number the Vietnamese way, 1.234,5; `decimals` are always written, and a plus too where the number `isSigned`. */
export function number(value, decimals = 0, isSigned = false) {
  const signDisplay = isSigned ? "exceptZero" : "auto";
  const text = new Intl.NumberFormat(NUMBERS, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay }).format(value);
  return /[1-9]/.test(text) ? text : text.replace("-", "");
}

/** A number with its unit of measure, which may be empty. */
export const amount = (value, decimals, unit, isSigned = false) =>
  unit ? `${number(value, decimals, isSigned)}${NO_BREAK}${unit}` : number(value, decimals, isSigned);

/** What a chart's answer holds as a figure: a finite number, or null for missing; zero stays zero. */
export function figure(value) {
  if (value === null || value === undefined || value === "") return null;
  const read = Number(value);
  return Number.isFinite(read) ? read : null;
}

/** The day as milliseconds since 1970 in UTC, from milliseconds or ISO text; null when it is neither. */
export function day(value) {
  if (value === null || value === undefined || value === "") return null;
  const read = typeof value === "number" ? value : Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value);
  return Number.isFinite(read) ? read : null;
}

/** YYYY-MM-DD of a day. */
export const isoDay = (ms) => new Date(ms).toISOString().slice(0, 10);

const two = (part) => String(part).padStart(2, "0");

/** Year and number of the ISO week that begins on this Monday: the year of its Thursday. */
function isoWeek(ms) {
  const thursday = new Date(ms + 3 * DAY);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY)) + 1 };
}

/** The period of the calendar that begins on this day, in words: "Tuần 47/2026". */
export function period(calendar, starts, language) {
  const date = new Date(starts);
  let [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  const speak = (parameters) => say(calendar, parameters, language);
  if (calendar === "day") return speak({ day: `${two(date.getUTCDate())}/${two(month)}/${year}` });
  if (calendar === "week") return speak(isoWeek(starts));
  if (calendar.startsWith("administrative-")) {
    // Begins on the 15th of the month before the one it is named after.
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
  return speak({ month, year, quarter: Math.ceil(month / 3), next: year + 1 });
}

const MONTHS = {
  month: 1,
  quarter: 3,
  year: 12,
  "administrative-month": 1,
  "administrative-quarter": 3,
  "administrative-year": 12,
  "school-year": 12,
};

/** Last day of the period of the calendar that begins on this day, as milliseconds. */
export function lastDay(calendar, starts) {
  if (calendar === "day") return starts;
  if (calendar === "week") return starts + 6 * DAY;
  const date = new Date(starts);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + MONTHS[calendar], date.getUTCDate()) - DAY;
}

const SIGNS = { up: "≥", down: "≤", none: "" };

/** "≥ 95 %": the target with the side on which it is met; of nothing it is said plainly, since there is no less. */
export const targetInWords = (value, { direction, decimals, unit }) =>
  [value === 0 && direction === "down" ? "" : SIGNS[direction], amount(value, decimals, unit)].filter(Boolean).join(NO_BREAK);

/** Where the amber band begins for a target: a fixed value, or a share of a target that follows the year. */
export const amberOf = ({ amber, amberShare }, target) => (amberShare && target !== null && target !== undefined ? target * amberShare : amber);

/** Whether the value meets the target: true or false, and null where the direction does not say. */
export function meets(value, target, direction) {
  if (target === null || direction === "none") return null;
  return direction === "up" ? value >= target : value <= target;
}

/** The change between two values: its arrow and its words, the difference of percentages in points. */
export function change(value, before, { decimals, unit }) {
  const rounded = Number((value - before).toFixed(decimals));
  if (rounded === 0) return { arrow: "→", words: say("same") };
  const by = amount(Math.abs(rounded), decimals, unit === "%" ? say("points") : unit);
  return rounded > 0 ? { arrow: "▲", words: say("rose", { by }) } : { arrow: "▼", words: say("fell", { by }) };
}
