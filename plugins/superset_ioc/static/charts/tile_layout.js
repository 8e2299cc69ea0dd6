// How large the parts of a tile are, so that its figure is read from afar and no word is cut.

const LEAST_TEXT = 12;
const MOST_TEXT = 20;
const LINE = 1.35;
const FIGURE_LINE = 1.1;
const LEAST_COURSE = 22;
const MOST_COURSE_SHARE = 0.3;
const LEAST_FIGURE_SHARE = 0.3;
const MOST_FIGURE_SHARE = 0.46;
const UNIT_SHARE = 0.42; // of the figure's letters, as in charts.css
const SHORT_UNIT = 4; // letters that never need a line of their own
const SAFE = 0.96; // letters are drawn a little wider than they are measured
export const PADDING = 4;
const LETTERS = "Inter, 'Be Vietnam Pro', 'Noto Sans', Arial, sans-serif";

let pen = null;

/** Width of a text in pixels. */
function drawnWidth(text, size, weight) {
  pen = pen || document.createElement("canvas").getContext("2d");
  pen.font = `${weight} ${size}px ${LETTERS}`;
  return pen.measureText(text).width;
}

/** Height of a text that is broken between words. */
function drawnHeight(text, size, width, measure) {
  let lines = 1;
  let used = 0;
  for (const word of text.split(" ")) {
    const long = measure(`${word} `, size, 500);
    if (used && used + long > width) {
      lines += 1;
      used = 0;
    }
    used += long;
  }
  return lines * size * LINE;
}

/** Texts under the figure, most important first; `brief` leaves out what the change is measured against. */
function texts(tile, unitBeside, brief) {
  const { target, change } = tile;
  const verdict = target && target.verdict ? ` ·\u00a0${target.met ? "✓" : "✗"}\u00a0${target.verdict}` : "";
  return [
    tile.unit && !unitBeside && { key: "unit", words: tile.unit },
    { key: "period", words: tile.period },
    tile.since && { key: "since", words: tile.since },
    target && { key: verdict ? (target.met ? "met" : "missed") : "target", words: `${target.words}${verdict}` },
    change && { key: "change", words: [`${change.arrow} ${change.words}`, !brief && change.against].filter(Boolean).join(" ") },
    tile.note && !brief && { key: "note", words: tile.note },
  ].filter(Boolean);
}

/**
 * Sizes in pixels with which a tile fits its frame: {figure, unitBeside, text, lines: [{key, words}], course}, `course` the height that is
 * left for the line, 0 when there is no room for it. What is left out of a small tile is said by its tooltip.
 */
export function arrange(tile, width, height, measure = drawnWidth) {
  const room = (width - 2 * PADDING) * SAFE;
  const tall = height - 2 * PADDING;
  const valueWide = measure(tile.value, 100, 700) / 100;
  const unitWide = tile.unit ? (measure(`\u00a0${tile.unit}`, 100, 500) * UNIT_SHARE) / 100 : 0;
  const unitFits = (valueWide + unitWide) * tall * MOST_FIGURE_SHARE <= room;
  const unitBeside = Boolean(tile.unit) && (unitFits || tile.unit.length <= SHORT_UNIT);
  const widest = room / (valueWide + (unitBeside ? unitWide : 0));
  const wanted = Math.min(widest, tall * LEAST_FIGURE_SHARE);
  const attempt = (text, lines, forCourse) => {
    const under = forCourse + lines.reduce((sum, { words }) => sum + drawnHeight(words, text, room, measure), 0);
    const figure = Math.floor(Math.min(widest, tall * MOST_FIGURE_SHARE, (tall - under) / FIGURE_LINE));
    const left = tall - under - figure * FIGURE_LINE + forCourse;
    const course = left >= LEAST_COURSE ? Math.min(left, tall * MOST_COURSE_SHARE) : 0;
    return { figure, unitBeside, text, lines, course };
  };
  const largest = Math.min(MOST_TEXT, Math.max(LEAST_TEXT, Math.round(height / 11)));
  for (const withCourse of tile.course.length ? [true, false] : [false]) {
    for (let text = largest; text >= LEAST_TEXT; text -= 1) {
      const found = attempt(text, texts(tile, unitBeside, false), withCourse ? LEAST_COURSE : 0);
      if (found.figure >= wanted) return found;
    }
  }
  let lines = texts(tile, unitBeside, true);
  while (lines.length > 1 && attempt(LEAST_TEXT, lines, 0).figure < wanted) lines = lines.slice(0, -1);
  const found = attempt(LEAST_TEXT, lines, 0);
  return { ...found, figure: Math.max(found.figure, LEAST_TEXT) };
}
