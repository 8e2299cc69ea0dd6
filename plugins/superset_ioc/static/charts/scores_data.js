// From the rows of a scores' answer to its lines: what a tile says of each indicator, and how long its bar is.
import { say } from "./texts.js";
import { courseOf, tileOf } from "./tile_data.js";
import { drawnHeight, drawnWidth } from "./tile_layout.js";

const ROOM = 1.15; // a bar that reaches its target exactly still leaves room to see the target's line
const WHOLE = 100;
const VERDICTS = { good: ["✓", "met"], watch: ["!", "watch"], bad: ["✗", "missed"] };

/** What the full width of a line stands for: 100 % of a share, else the highest value it has had, or its target. */
function fullWidth(course, unit) {
  const values = course.flatMap(({ value, target }) => [value, target]).filter((one) => one !== null);
  const highest = Math.max(0, ...values);
  if (unit === "%") return highest <= WHOLE ? WHOLE : highest;
  return highest * (course.some(({ target }) => target !== null) ? ROOM : 1);
}

/** The word that stands beside the bar: {sign, words, why}. */
function verdictOf(said) {
  if (said.why) return { sign: "", words: said.why.brief, why: said.why.words };
  if (said.reason === "no_target" || said.reason === "no_direction") return { sign: "", words: say(said.reason), why: null };
  const [sign, key] = VERDICTS[said.state] || ["", null];
  return { sign, words: key ? say(key) : "", why: null };
}

/**
 * The lines: [{title, indicator, value, unit, period, look, share, target, targetWords, verdict, change, spoken}], `value` null where no
 * period has one, `look` the state, shares of the line's width. `facts` as useFacts gives them.
 */
export function scoreLines(rows, lines, facts, column = "period_starts") {
  return lines.map(({ title, indicator, metrics, look }) => {
    const course = courseOf(rows, metrics, column);
    const said = tileOf(course, look, facts, indicator);
    const shown = said.shown || null;
    const full = fullWidth(course, look.unit);
    const share = (value) => (full > 0 && value !== null ? Math.min(1, Math.max(0, value) / full) : 0);
    return {
      title,
      indicator,
      value: said.value,
      unit: look.unit,
      period: said.value === null ? null : said.period,
      look: said.state,
      reason: said.reason,
      share: shown ? share(shown.value) : 0,
      target: shown && shown.target !== null ? share(shown.target) : null,
      targetWords: said.target ? said.target.words : null,
      verdict: said.value === null ? { sign: "", words: said.words[0], why: said.words.join("; ") } : verdictOf(said),
      change: said.change || null,
      spoken: `${title}: ${said.spoken}`,
    };
  });
}

/** The period that most lines are of; a line of another says its own. */
export function commonPeriod(lines) {
  const counted = new Map();
  for (const { period } of lines) if (period !== null) counted.set(period, (counted.get(period) || 0) + 1);
  return [...counted].sort((a, b) => b[1] - a[1]).map(([period]) => period)[0] || null;
}

const LEAST_BAR = 150; // shorter bars cannot be compared
const BESIDE_THE_BAR = 14 + 4 * 12; // edge and padding, and the gaps between five columns, as in charts.css
const MOST_VERDICT = 170;

/** Whether a line's title, value, state and change leave no room for a bar beside them, so that it takes a row of its own. */
export function needsTwoRows(lines, width, size, measure = drawnWidth) {
  const widest = (text, letters, weight) => Math.max(0, ...lines.map((line) => measure(text(line) || "", letters, weight)));
  const unit = widest((line) => line.value !== null && `\u00a0${line.unit}`, UNIT_LETTERS, 400);
  const beside = [
    widest((line) => line.title, size, 400),
    widest((line) => line.value, size + 2, 700) + unit,
    Math.min(MOST_VERDICT, widest(({ verdict }) => `${verdict.sign} ${verdict.words}`, size - 3, 600)),
    widest(({ change }) => change && `${change.arrow} ${change.words}`, size - 3, 400),
  ];
  return width - BESIDE_THE_BAR - beside.reduce((sum, one) => sum + one, 0) < LEAST_BAR;
}

const LINE = 1.2; // height of a line of two rows' letters, as in charts.css
const OF_TWO_ROWS = 17; // its bar, gaps, padding and the line above it
const SIDES = 34; // its edge, padding, and the room before the value
const UNIT_LETTERS = 12;
const WIDE = 0.58; // of a letter, by its height
const [MOST, LEAST] = [18, 11];

/** Size of the letters with which lines of two rows are no higher than `each`: title and value over the bar, state and change under it. */
export function lettersOfTwoRows(lines, width, each, measure = undefined) {
  const common = commonPeriod(lines);
  const rowsOf = ({ title, value, unit, period }, size) => {
    // A period of its own stands behind the title in smaller letters, and takes the room of fewer of the title's.
    const own = period && period !== common ? ` ${period.slice(0, Math.ceil((period.length * UNIT_LETTERS) / size))}` : "";
    const room = width - SIDES - (value || "").length * (size + 2) * WIDE - unit.length * UNIT_LETTERS * WIDE;
    return Math.round(drawnHeight(`${title}${own}`, size, Math.max(room, width / 3), measure) / drawnHeight("", size, width, measure));
  };
  for (let size = MOST; size > LEAST; size -= 1) {
    const above = Math.max(...lines.map((line) => Math.max(rowsOf(line, size) * size, size + 2)));
    const tall = above * LINE + Math.max(UNIT_LETTERS, size - 3) * LINE + OF_TWO_ROWS;
    if (tall <= each) return size;
  }
  return LEAST;
}
