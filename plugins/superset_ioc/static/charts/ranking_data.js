// From the rows of a ranking's answer to its periods and bars.
import { leastFirm, statusIn } from "./figure_status.js";
import { amberOf, amount, day, figure, meets, number } from "./figures.js";
import { levelAt } from "./levels.js";
import { say } from "./texts.js";
import { drawnWidth } from "./tile_layout.js";
import { tileState } from "./tile_state.js";

/**
 * Periods of the answer, oldest first: [{starts, target, status, parts: [{name, value, numerator, denominator}]}]; only those in which any part has a value, and in them
 * only parts that have one.
 */
export function rankingPeriods(rows, metrics, group, decimals, column = "period_starts") {
  const read = (row, name) => (name ? figure(row[name]) : null);
  const periods = new Map();
  for (const row of rows) {
    const starts = day(row[column]);
    const value = figure(row[metrics.value]);
    if (starts === null || value === null || row[group] === null || row[group] === undefined) continue;
    if (!periods.has(starts)) periods.set(starts, { starts, target: null, parts: [] });
    const period = periods.get(starts);
    if (metrics.firmness) period.status = leastFirm([period.status, statusIn(row, metrics.firmness)]);
    if (period.target === null) period.target = read(row, metrics.target);
    period.parts.push({
      name: String(row[group]),
      value: Number(value.toFixed(decimals)),
      numerator: metrics.isCount ? value : read(row, metrics.numerator),
      denominator: read(row, metrics.denominator),
    });
  }
  return [...periods.values()].sort((a, b) => a.starts - b.starts);
}

/** How a bar looks: grey where nothing is judged, small where the number says too little, else as the value is against the target. */
function lookOf(part, target, look, isGrey) {
  if (isGrey) return "grey";
  const { direction, scale } = look;
  const amber = amberOf(look, target);
  const { state, reason } = tileState({ ...part, target, direction, amber, scale, level: (levelAt(look.levels, part.value) || {}).state });
  return reason === "small_number" ? "small" : state;
}

/**
 * The bars of one period, the worst first, or the highest where no side is worse: {bars: [{name, value, rank, words, share, met, look}], target,
 * looks, summary}. Shares are of the longest thing drawn, bar or target; a value under zero has no bar. `looks` are the colours that mean
 * something, with their words: [{look, words}]. With `isGrey` no bar is judged.
 */
export function barsOf({ parts, target }, look, most, isGrey = false) {
  const { direction, decimals, unit } = look;
  const upwards = direction === "up";
  const sorted = [...parts].sort((a, b) => (upwards ? a.value - b.value : b.value - a.value) || a.name.localeCompare(b.name, "vi"));
  const shown = sorted.slice(0, most);
  const scale = Math.max(0, target ?? 0, ...shown.map(({ value }) => value));
  const share = (value) => (scale > 0 ? Math.max(0, value) / scale : 0);
  const bars = shown.map((part, index) => {
    const { name, value, numerator, denominator } = part;
    const level = levelAt(look.levels, value);
    const barLook = lookOf(part, target, look, isGrey);
    const counts = numerator !== null && denominator !== null ? ` (${number(numerator)} / ${number(denominator)})` : "";
    const word = WORDS[barLook] ? `, ${say(WORDS[barLook])}` : "";
    return {
      name,
      value,
      rank: index + 1,
      words: level ? level.label : number(value, decimals),
      colour: level && !isGrey ? level.colour : null,
      spoken: `${index + 1}. ${name}: ${level ? level.label : amount(value, decimals, unit)}${counts}${word}`,
      share: share(value),
      met: meets(value, target, direction),
      look: barLook,
    };
  });
  const key = shown.length === sorted.length ? (upwards ? "allLowestFirst" : "allHighestFirst") : upwards ? "lowestOf" : "highestOf";
  const looks = LEGEND.filter(([one]) => bars.some((bar) => bar.look === one && !bar.colour)).map(([one, words]) => ({ look: one, words: say(words) }));
  return { bars, looks, target: target === null ? null : share(target), summary: say(key, { shown: shown.length, count: sorted.length }) };
}

const MOST_BARS = 25;
const FOLDED_BARS = 15;
const LEAST_BAR = 15;
const MOST_BAR = 52;
/** Height of the line that says how many more there are and opens them all. */
export const MORE_LINE = 24;

/**
 * How many of `count` bars are drawn in a frame with `room` pixels for them, how many stay folded, and how high a bar is: all of them when they
 * are few enough to be read and fit, else the first, with a line under them that opens the others.
 */
export function foldOf(count, room) {
  const height = (bars, pixels) => Math.min(MOST_BAR, Math.max(LEAST_BAR, Math.floor(pixels / bars)));
  if (count <= MOST_BARS && count * LEAST_BAR <= room) return { shown: count, folded: 0, size: height(count, room) };
  const left = room - MORE_LINE;
  const shown = Math.min(count, FOLDED_BARS, Math.max(1, Math.floor(left / LEAST_BAR)));
  return { shown, folded: count - shown, size: height(shown, left) };
}

const WORDS = { good: "state_good", watch: "state_watch", bad: "state_bad", grey: "state_grey", small: "small_number" };
/** Under the bars, from bad to good. */
const LEGEND = [
  ["bad", "missed"],
  ["watch", "watch"],
  ["good", "met"],
  ["small", "small_bars"],
];

const LETTERS = 12; // of what stands under the bars, as in charts.css
const LOOK_WIDE = 19 + 12; // its swatch and the gaps around it

/** In how many lines the words under the bars stand: the looks, then what the bars are. */
export function footerLines(looks, about, width, measure = drawnWidth) {
  const widths = [...looks.map(({ words }) => LOOK_WIDE + measure(words, LETTERS, 400)), measure(about, LETTERS, 400)];
  let [lines, used] = [1, 0];
  for (const wide of widths) {
    if (used && used + wide > width) [lines, used] = [lines + 1, 0];
    used += wide;
  }
  return lines + Math.max(0, Math.ceil(widths[widths.length - 1] / width) - 1);
}
