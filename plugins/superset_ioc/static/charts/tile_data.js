// From the rows of a tile's answer to what it says.
import { amount, change, day, figure, lastDay, meets, number, period, targetInWords } from "./figures.js";
import { say } from "./texts.js";

const DAY = 86_400_000;
const SHORT_UNIT = 5;

/** Periods of the answer, oldest first: [{starts, value, target}], values and targets may be null. */
export function courseOf(rows, metric, targetMetric, column = "period_starts") {
  return rows
    .map((row) => ({ starts: day(row[column]), value: figure(row[metric]), target: targetMetric ? figure(row[targetMetric]) : null }))
    .filter(({ starts }) => starts !== null)
    .sort((a, b) => a.starts - b.starts);
}

/**
 * What the tile says: {value, unit, period, since, target, change, course, spoken}; value null when no period has one.
 *
 * The value is that of the last period that has one. `since` names the first period after it that has none although it is over (`today`: a
 * moment in milliseconds).
 */
export function tileOf(course, look, today = Date.now()) {
  const { calendar, unit, decimals, proposed, note } = look;
  // A long unit of measure is said once, with the figure.
  const brief = { ...look, unit: unit.length > SHORT_UNIT ? "" : unit };
  const inWords = (starts) => period(calendar, starts);
  const known = course.filter(({ value }) => value !== null);
  if (!known.length) {
    const since = course.length ? say("noDataSince", { period: inWords(course[0].starts) }) : null;
    return { value: null, since, spoken: since || say("noDataSentence") };
  }
  const last = known[known.length - 1];
  const before = known[known.length - 2];
  const silent = course.find(({ starts }) => starts > last.starts && lastDay(calendar, starts) + DAY <= today);
  const said = {
    value: number(last.value, decimals),
    unit,
    period: inWords(last.starts),
    since: silent ? say("noDataSince", { period: inWords(silent.starts) }) : null,
    target: last.target === null ? null : targetSaid(last, brief, proposed),
    change: before ? { ...change(last.value, before.value, brief), against: say("against", { period: inWords(before.starts) }) } : null,
    note: note || null,
    course: known.length > 1 ? known : [],
    courseWords: known.length > 1 ? say("course", { from: inWords(known[0].starts), to: inWords(last.starts) }) : null,
  };
  said.spoken = [
    `${amount(last.value, decimals, unit)}, ${said.period}`,
    said.target && `${said.target.words}${said.target.verdict ? `, ${said.target.verdict}` : ""}`,
    said.change && `${said.change.words} ${said.change.against}`,
    said.note,
    said.since,
  ]
    .filter(Boolean)
    .join("; ");
  return said;
}

function targetSaid({ value, target }, look, proposed) {
  const met = meets(value, target, look.direction);
  const words = say("target", { value: targetInWords(target, { ...look, decimals: Number.isInteger(target) ? 0 : look.decimals }) });
  return {
    words: proposed ? `${words} (${say("proposed")})` : words,
    met,
    verdict: met === null ? null : say(met ? "met" : "missed"),
  };
}

/** Path of the course, of its target, and the last point, in a frame of this size; the frame holds zero only when the values come near it. */
export function sparkline(course, width, height, margin = 4) {
  const drawnTargets = course.filter(({ target }) => target !== null);
  const heights = [...course.map(({ value }) => value), ...drawnTargets.map(({ target }) => target)];
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const [first, last] = [course[0].starts, course[course.length - 1].starts];
  const x = (starts) => margin + ((starts - first) / (last - first)) * (width - 2 * margin);
  const y = (value) => (high === low ? height / 2 : margin + ((high - value) / (high - low)) * (height - 2 * margin));
  const line = (points) => points.map(([at, value], index) => `${index ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const end = course[course.length - 1];
  return {
    values: line(course.map(({ starts, value }) => [starts, value])),
    target: drawnTargets.length > 1 ? line(drawnTargets.map(({ starts, target }) => [starts, target])) : null,
    end: { x: x(end.starts), y: y(end.value) },
  };
}
