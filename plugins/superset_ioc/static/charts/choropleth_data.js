// From the rows of a chart's answer to the periods, classes and words of the map.
import { classify, classOf, colours, MOST_CLASSES } from "./classes.js";
import { leastFirm, statusIn } from "./figure_status.js";
import { amount, day, figure, number } from "./figures.js";
import { levelAt } from "./levels.js";
import { say } from "./texts.js";

const NOT_JUDGED = "#c4c4c4";

/** Periods of the answer, oldest first: [{starts, values: Map of unit_id → {name, value}}]; only those in which any unit has a value. */
export function periodsOf(rows, metric, decimals, firmness = null) {
  const periods = new Map();
  const statuses = new Map();
  for (const row of rows) {
    const starts = day(row.period_starts);
    const value = figure(row[metric]);
    if (starts === null) continue;
    if (!periods.has(starts)) periods.set(starts, new Map());
    if (firmness) statuses.set(starts, leastFirm([statuses.get(starts), statusIn(row, firmness)]));
    const shown = value === null ? null : Number(value.toFixed(decimals));
    periods.get(starts).set(row.unit_id, { name: row.unit_name, value: shown });
  }
  return [...periods]
    .map(([starts, values]) => ({ starts, values, ...(firmness ? { status: statuses.get(starts) } : {}) }))
    .filter(({ values }) => [...values.values()].some(({ value }) => value !== null))
    .sort((a, b) => a.starts - b.starts);
}

/** Decimals that the bounds of these classes need, at most those of the figures. */
export function decimalsOf(classes, decimals) {
  const bounds = classes.flatMap(({ low, high, single, first, last }) => [!first || single ? low : 0, !last ? high : 0]);
  const enough = [...Array(decimals).keys()].find((few) => bounds.every((bound) => Number(bound.toFixed(few)) === Number(bound.toFixed(decimals))));
  return enough === undefined ? decimals : enough;
}

/** Bounds of a class in words, in the Vietnamese way of writing numbers. */
export function classInWords(one, decimals) {
  const [low, high] = [number(one.low, decimals), number(one.high, decimals)];
  if (one.single) return low;
  if (one.whole) return say("fromTo", { low, high });
  if (one.first) return say("under", { high });
  return one.last ? say("atLeast", { low }) : say("between", { low, high });
}

/** The same for an indicator that has only a few values, each with a name and a colour. */
function inLevels(values, levels) {
  const of = new Map();
  for (const [unitId, { name, value }] of values) {
    const level = levelAt(levels, value);
    if (level) of.set(unitId, { name, value, colour: level.colour, words: level.label, rank: level.meaning });
  }
  const counted = (level) => [...of.values()].filter((one) => one.words === level.label).length;
  return { classes: levels.map((level) => ({ words: [level.label, level.meaning].filter(Boolean).join(" · "), colour: level.colour, count: counted(level) })), of };
}

/**
 * How one period is shown: {classes: [{words, colour, count}], of: unit_id → {value, colour, words, rank}}.
 * Classes are made from all periods, so that a colour keeps its meaning while one steps through them. With `isGrey` all that have a value
 * are alike: their values are not to be compared.
 */
export function shownPeriod(periods, index, { classes, decimals, direction, unit, levels }, isGrey = false) {
  if (levels && !isGrey) return inLevels(periods[index].values, levels);
  const wanted = Math.min(Math.max(Number(classes) || 5, 2), MOST_CLASSES);
  const present = (values) => [...values.values()].map(({ value }) => value).filter((value) => value !== null);
  const made = classify(periods.flatMap(({ values }) => present(values)), wanted, decimals);
  const ramp = made.length ? colours(made.length, direction) : [];
  const here = present(periods[index].values);
  const of = new Map();
  for (const [unitId, { name, value }] of periods[index].values) {
    if (value === null) continue;
    const place = classOf(value, made);
    const rank = 1 + here.filter((other) => other > value).length;
    const words = amount(value, decimals, unit);
    if (isGrey) of.set(unitId, { name, value, colour: NOT_JUDGED, words, rank: say("state_grey") });
    else of.set(unitId, { name, value, colour: ramp[place], words, rank: say("rank", { rank, count: here.length }) });
  }
  if (isGrey) return { classes: [{ words: say("old_values"), colour: NOT_JUDGED, count: here.length }], of };
  const few = decimalsOf(made, decimals);
  const legend = made.map((one, place) => ({
    words: classInWords(one, few),
    colour: ramp[place],
    count: here.filter((value) => classOf(value, made) === place).length,
  }));
  return { classes: legend, of };
}
