// Classes of colour: bounds a person can read, chosen by quantiles and moved to the roundest number near by.

// Light to dark in one hue each, told apart by people who do not see red and green (after ColorBrewer's Blues and Oranges).
const RAMPS = {
  blue: ["#e4eff9", "#c3daef", "#93c1e2", "#5c9fcf", "#3079b7", "#175999", "#0b3a6b"],
  orange: ["#fdeadb", "#fbd0a8", "#f7ae6e", "#ee8a36", "#d5671a", "#a74a0c", "#7a3208"],
};
const PICKED = { 1: [3], 2: [1, 4], 3: [1, 3, 5], 4: [0, 2, 4, 6], 5: [0, 2, 3, 4, 6], 6: [0, 1, 2, 3, 4, 6], 7: [0, 1, 2, 3, 4, 5, 6] };
export const MOST_CLASSES = 7;

/** Colours of so many classes, light to dark; what is better when lower gets the warm hue. */
export const colours = (count, direction) => PICKED[count].map((index) => RAMPS[direction === "down" ? "orange" : "blue"][index]);

const STEPS_OF_TEN = 24;

/** The roundest number in (low, high]: a multiple of the largest step out of 1, 2 and 5 times a power of ten, the step at least `finest`. */
export function roundest(low, high, finest) {
  const largest = Math.max(Math.abs(low), Math.abs(high), finest);
  let power = 10 ** Math.ceil(Math.log10(largest) + 1);
  for (let tries = 0; tries < STEPS_OF_TEN && power >= finest * 0.999; tries += 1, power /= 10) {
    for (const step of [power, power / 2, power / 5].filter((one) => one >= finest * 0.999)) {
      const found = Math.floor(high / step + 1e-9) * step;
      if (found > low) return Number(found.toPrecision(12));
    }
  }
  return Number((Math.round(high / finest) * finest).toPrecision(12));
}

/** The value below which this share of the sorted values lies, between neighbours in proportion. */
function quantile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** Lower bounds of classes of about as many values each, without the first; fewer where values repeat. */
function roundBounds(sorted, wanted, finest) {
  const raw = Array.from({ length: wanted - 1 }, (_, index) => quantile(sorted, (index + 1) / wanted));
  const edges = [sorted[0], ...raw, sorted[sorted.length - 1]];
  const bounds = [];
  raw.forEach((bound, index) => {
    const reach = 0.3 * Math.min(bound - edges[index], edges[index + 2] - bound);
    const rounded = roundest(bound - reach - finest, bound + reach, finest);
    const previous = bounds.length ? bounds[bounds.length - 1] : sorted[0];
    if (rounded > previous && rounded <= sorted[sorted.length - 1]) bounds.push(rounded);
  });
  return bounds;
}

const unique = (sorted) => sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);

/**
 * Classes of these values, which have at most so many decimals, lowest first and at most `wanted`; none without values.
 *
 * Each is {low, high} and says what belongs to it: `single` one value, `whole` the whole numbers low to high, otherwise low ≤ value < high,
 * `first` and `last` without the bound on the outside.
 */
export function classify(values, wanted = 5, decimals = 0) {
  const sorted = [...values].sort((a, b) => a - b);
  if (!sorted.length) return [];
  const different = unique(sorted);
  if (different.length <= wanted) return different.map((value) => ({ low: value, high: value, single: true }));
  const whole = sorted.every(Number.isInteger);
  const zeros = sorted.filter((value) => value === 0).length;
  // "None" is a class of its own: zero and one case are not alike, and neither is zero no data.
  const apart = sorted[0] === 0;
  const rest = apart ? sorted.slice(zeros) : sorted;
  const bounds = [rest[0], ...roundBounds(rest, apart ? wanted - 1 : wanted, whole ? 1 : 10 ** -decimals)];
  const highest = rest[rest.length - 1];
  const made = bounds.map((low, index) => {
    const last = index === bounds.length - 1;
    const high = last ? highest : bounds[index + 1];
    return whole ? wholeClass(low, last ? high : high - 1) : { low, high, last, first: index === 0 && !apart };
  });
  return apart ? [{ low: 0, high: 0, single: true }, ...made] : made;
}

const wholeClass = (low, high) => (low === high ? { low, high, single: true } : { low, high, whole: true });

/** Whether the value lies in the class. */
export const belongs = (value, one) =>
  one.single ? value === one.low : value >= one.low && (one.last || one.whole ? value <= one.high : value < one.high);

/** Index of the value's class, -1 when it lies in none. */
export const classOf = (value, classes) => classes.findIndex((one) => belongs(value, one));
