// How large the parts of a tile are, so that its figure is read from afar and no word is cut.

const LEAST_TEXT = 12;
const MOST_TEXT = 20;
const TEXT_OF_HEIGHT = 1 / 12;
const LINE = 1.35;
const FIGURE_LINE = 1.2; // as in charts.css
const FIGURE_OF_HEIGHT = 0.3; // tiles of one row get figures of one size, unless a number is too long
const LEAST_FIGURE_OF_HEIGHT = 0.24;
const LEAST_COURSE = 22;
const MOST_COURSE_OF_HEIGHT = 0.3;
const UNIT_SHARE = 0.42; // of the figure's letters, as in charts.css
const SHORT_UNIT = 4; // letters that never need a line of their own
const SAFE = 0.96; // letters are drawn a little wider than they are measured
const TALL = 200; // from here on the state has a line of its own
const LEAST_STATE = 18; // read from three metres
export const PADDING = 4;
export const EDGE = 10; // the coloured edge and the room beside it
const LETTERS = "Inter, 'Be Vietnam Pro', 'Noto Sans', Arial, sans-serif";
const WEIGHTS = [400, 500, 700];

/** Waits until the letters that tiles are measured with are there: the page loads them when it first draws them. */
export const lettersLoaded = () => Promise.all(WEIGHTS.map((weight) => document.fonts.load(`${weight} 16px ${LETTERS}`)));

let pen = null;

/** Width of a text in pixels. */
export function drawnWidth(text, size, weight) {
  pen = pen || document.createElement("canvas").getContext("2d");
  pen.font = `${weight} ${size}px ${LETTERS}`;
  return pen.measureText(text).width;
}

/** In how many lines a text stands that is broken between words. */
export function linesOf(text, size, width, measure = drawnWidth) {
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
  return lines;
}

/** Height of a text that is broken between words. */
export const drawnHeight = (text, size, width, measure = drawnWidth) => linesOf(text, size, width, measure) * size * LINE;

/** The state in words of its own, which is read from afar, and its reason; in a small tile it stands with the target or before the reason. */
function stateTexts({ target, state, why, meaning }, split, brief) {
  const verdict = target && target.verdict ? `${target.sign}\u00a0${target.verdict}` : "";
  if (!split) {
    return {
      first: meaning && !why ? [{ key: state, words: meaning }] : [],
      reason: why && { key: "why", words: brief ? why.brief : why.words },
      target: target && { key: verdict ? state : "target", words: verdict ? `${target.words}: ${verdict}` : target.words },
    };
  }
  const inFull = verdict && `${target.sign}\u00a0${target.verdictInFull}`;
  const words = inFull || meaning;
  const said = why ? { key: "why", words: why.label, large: true } : words && { key: state, words, large: true };
  return {
    first: [said].filter(Boolean),
    reason: why && { key: "reason", words: brief ? why.shortly : why.reason },
    target: target && { key: "target", words: target.words },
  };
}

/** Texts under the figure, most important first; `brief` leaves out what only explains and says a reason in a few words. */
function texts(tile, unitBeside, split, brief) {
  const { change } = tile;
  const said = stateTexts(tile, split, brief);
  const chance = change && change.chance ? ` (${change.chance})` : "";
  return [
    tile.unit && !unitBeside && { key: "unit", words: tile.unit },
    ...said.first,
    { key: "period", words: tile.period },
    said.reason,
    tile.since && { key: "since", words: tile.since },
    said.target,
    change && {
      key: change.side || "change",
      words: [`${change.arrow} ${change.words}`, !brief && change.against].filter(Boolean).join(" ") + (brief ? "" : chance),
    },
    tile.counts && { key: "counts", words: tile.counts },
    tile.supply && { key: "supply", words: tile.supply },
    tile.running && !brief && { key: "running", words: tile.running },
    tile.note && !brief && { key: "note", words: tile.note },
    tile.source && !brief && { key: "source", words: tile.source },
  ].filter(Boolean);
}

/** Size of a line's letters where the others have this size. */
const sizeOf = (line, text) => (line.large ? Math.max(LEAST_STATE, text) : text);

/**
 * Sizes in pixels with which a tile fits its frame: {figure, unitBeside, lines: [{key, words, size}], course}, `course` the height that is
 * left for the line, 0 when there is no room for it. What is left out of a small tile is said by its tooltip.
 */
export function arrange(tile, width, height, measure = drawnWidth) {
  const room = (width - 2 * PADDING - EDGE) * SAFE;
  const tall = height - 2 * PADDING;
  // Its digits are drawn as wide as one another (tabular-nums), a 1 like a 0.
  const valueWide = measure(tile.value.replace(/\d/g, "0"), 100, 700) / 100;
  const unitWide = tile.unit ? (measure(`\u00a0${tile.unit}`, 100, 500) * UNIT_SHARE) / 100 : 0;
  const unitFits = (valueWide + unitWide) * tall * FIGURE_OF_HEIGHT <= room;
  const unitBeside = Boolean(tile.unit) && (unitFits || tile.unit.length <= SHORT_UNIT);
  const widest = room / (valueWide + (unitBeside ? unitWide : 0));
  const attempt = (text, lines, share) => {
    const under = lines.reduce((sum, line) => sum + drawnHeight(line.words, sizeOf(line, text), room, measure), 0);
    const figure = Math.floor(Math.min(widest, tall * share));
    const left = tall - under - figure * FIGURE_LINE;
    const course = left >= LEAST_COURSE ? Math.min(left, tall * MOST_COURSE_OF_HEIGHT) : 0;
    return { figure, unitBeside, lines: lines.map((line) => ({ ...line, size: sizeOf(line, text) })), course, fits: left >= 0 };
  };
  const split = tall >= TALL;
  const [whole, brief] = [texts(tile, unitBeside, split, false), texts(tile, unitBeside, split, true)];
  const largest = Math.min(MOST_TEXT, Math.max(LEAST_TEXT, Math.round(tall * TEXT_OF_HEIGHT)));
  const inFull = split ? { reason: tile.why && tile.why.reason } : { why: tile.why && tile.why.words };
  const reasoned = brief.map((line) => (inFull[line.key] ? { ...line, words: inFull[line.key] } : line));
  const wishes = [
    { lines: whole, good: ({ fits, course }) => fits && (course > 0 || !tile.course.length) },
    { lines: whole, good: ({ fits }) => fits },
    { lines: reasoned, good: ({ fits }) => fits },
  ];
  // Why a figure is not judged is said in full, if need be with a smaller figure: nobody should read that one from afar.
  const without = (...keys) => reasoned.filter(({ key }) => !keys.includes(key));
  const least = [whole, reasoned, without("change"), without("change", "counts")];
  const smaller = tile.why ? least.map((lines) => ({ lines, share: LEAST_FIGURE_OF_HEIGHT, good: ({ fits }) => fits })) : [];
  for (const { lines, good, share } of [...wishes, ...smaller, { lines: brief, good: ({ fits }) => fits }]) {
    for (let text = largest; text >= LEAST_TEXT; text -= 1) {
      const found = attempt(text, lines, share || FIGURE_OF_HEIGHT);
      if (good(found)) return found;
    }
  }
  for (let count = brief.length; count > 1; count -= 1) {
    const found = attempt(LEAST_TEXT, brief.slice(0, count), LEAST_FIGURE_OF_HEIGHT);
    if (found.fits) return found;
  }
  return attempt(LEAST_TEXT, brief.slice(0, 1), LEAST_FIGURE_OF_HEIGHT);
}
