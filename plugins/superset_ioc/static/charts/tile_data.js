// From the rows of a tile's answer and the facts of its supply to what it says.
import { amberOf, amount, change, day, figure, meets, number, period, targetInWords } from "./figures.js";
import { sourcesInWords, statusIn, statusInWords } from "./figure_status.js";
import { levelAt } from "./levels.js";
import { whyNoRows } from "./no_rows.js";
import { changeIsClear, SMALL } from "./small_number.js";
import { firstShown, judge, leastCovered } from "./supply_judged.js";
import { ageInWords, coverageInWords, reasonInBrief, reasonInWords, reasonsInWords } from "./supply_words.js";
import { say } from "./texts.js";
import { tileState } from "./tile_state.js";

const SHORT_UNIT = 5;
const VERDICTS = { good: ["✓", "met"], watch: ["!", "watch"], bad: ["✗", "missed"] };

/** Periods of the answer, oldest first: [{starts, value, target, numerator, denominator}]; all but `starts` may be null. */
export function courseOf(rows, metrics, column = "period_starts") {
  const read = (row, name) => (name ? figure(row[name]) : null);
  return rows
    .map((row) => ({
      starts: day(row[column]),
      value: read(row, metrics.value),
      target: read(row, metrics.target),
      numerator: metrics.isCount ? read(row, metrics.value) : read(row, metrics.numerator),
      denominator: read(row, metrics.denominator),
      ...(metrics.firmness ? { status: statusIn(row, metrics.firmness) } : {}),
    }))
    .filter(({ starts }) => starts !== null)
    .sort((a, b) => a.starts - b.starts);
}

/** The state of a value: {state, reason}. While facts are asked for it has no colour, and without them it is grey. */
export function stateOf(shown, look, judged, facts) {
  if (facts === null) return { state: "grey", reason: "unknown" };
  if (facts === undefined) return { state: "neutral", reason: null };
  const { direction, scale } = look;
  const amber = amberOf(look, shown.target);
  const { supply, over } = judged;
  const level = levelAt(look.levels, shown.value);
  return tileState({ ...shown, direction, amber, scale, supply, period_over: over, coverage: leastCovered(judged), level: level && level.state });
}

/** "1.204/1.310 giường": what a share is made of; null where it is not one. */
function countsInWords({ numerator, denominator }, { numeratorUnit, denominatorUnit }) {
  if (numerator === null || denominator === null) return null;
  const above = numeratorUnit === denominatorUnit ? number(numerator) : amount(numerator, 0, numeratorUnit);
  return `${above} / ${amount(denominator, 0, denominatorUnit)}`;
}

/**
 * Whether the figure is one that rises and falls around zero, such as a change against the year before: it is written with its sign, and
 * is no share of anything.
 */
const maySink = (course) => course.some(({ value, target }) => value < 0 || target < 0);

/** The change against the period before that has a value; `side` better, worse, or null where nobody can say. */
function changeOf(last, before, look, brief, isJudged) {
  const said = { ...change(last.value, before.value, brief), against: say("against", { period: period(look.calendar, before.starts) }) };
  const counted = last.numerator !== null && before.numerator !== null;
  const few = counted && Math.min(last.numerator, before.numerator) < SMALL;
  const exposed = (one) => (one.denominator > 0 ? one.denominator : 1);
  const clear = !few || changeIsClear(Math.round(before.numerator), Math.round(last.numerator), exposed(before), exposed(last));
  const up = said.arrow === "▲";
  const side = !isJudged || said.arrow === "→" || look.direction === "none" || !clear ? null : up === (look.direction === "up") ? "better" : "worse";
  return { ...said, clear, side, arrow: clear ? said.arrow : "≈", chance: clear ? null : say("small_change") };
}

const upperFirst = (words) => words.charAt(0).toUpperCase() + words.slice(1);

function targetSaid({ value, target }, look, proposed, state) {
  const words = say(look.paced ? "target_paced" : "target", { value: targetInWords(target, { ...look, decimals: Number.isInteger(target) ? 0 : look.decimals }) });
  const [sign, key] = VERDICTS[state] || [null, null];
  return {
    words: proposed ? `${words} (${say("proposed")})` : words,
    met: meets(value, target, look.direction),
    sign,
    verdict: key && say(key),
    verdictInFull: key && upperFirst(say(`state_${state}`)),
  };
}

/** Why a value has no colour, in one sentence, in a few words and in full; null where it has one, or nothing to be held against. */
function whyNot({ state, reason }, judged) {
  if (state !== "grey" && reason !== "small_number") return null;
  const least = leastCovered(judged);
  const label = say(state === "grey" ? "state_grey" : "state_small");
  const [inFull, shortly] = [reasonInWords(reason, judged, least), reasonInBrief(reason)];
  return {
    label,
    reason: upperFirst(inFull),
    shortly: upperFirst(shortly),
    words: `${label}: ${inFull}`,
    brief: `${label}: ${shortly}`,
    all: reasonsInWords(reason, judged, least),
  };
}

const coveragesInWords = ({ coverage, localities }) => [coverage, localities].filter(Boolean).map(coverageInWords);

const joined = (parts) => parts.filter(Boolean).join(" · ");

/** A period without a value that is over and, as far as is known, past due. */
function silentSince(course, last, judgeAt) {
  const found = course.find(({ starts, value }) => {
    if (starts <= last || value !== null) return false;
    const judged = judgeAt(starts);
    return judged.over && judged.due !== false;
  });
  return found || null;
}

/**
 * What the tile says; `value` null when no period has one. `facts` as useFacts gives them, `indicator` the tile's own.
 *
 * The value is that of the last period that is over; of the one that runs there is a line. `since` names the first period after it that has
 * none although it is over. `state` good, watch, bad, neutral or grey, and `why` says why it has no colour.
 */
export function tileOf(course, look, facts, indicator = null) {
  const { calendar, unit, decimals, proposed, note } = look;
  // A long unit of measure is said once, with the figure.
  const brief = { ...look, unit: unit.length > SHORT_UNIT ? "" : unit };
  const inWords = (starts) => period(calendar, starts);
  const judgeAt = (starts) => judge(facts, indicator, calendar, starts);
  const known = course.filter(({ value }) => value !== null);
  if (!known.length) return course.length ? emptyOf(course, look, facts, judgeAt) : withoutRows(look, facts, indicator);
  const place = firstShown(facts, indicator, calendar, known.map(({ starts }) => starts));
  const last = known[place];
  const before = known[place - 1];
  const judged = judgeAt(last.starts);
  const { state, reason } = stateOf(last, look, judged, facts);
  const level = levelAt(look.levels, last.value);
  const isSigned = maySink(course);
  const running = known.length - 1 > place ? known[known.length - 1] : null;
  const silent = silentSince(course, known[known.length - 1].starts, judgeAt);
  const when = judged.stands ? say("now") : inWords(last.starts);
  const status = last.status || look.status;
  const kind = [statusInWords(status), judged.simulated && say("simulated")].filter(Boolean).join(", ");
  const said = {
    shown: last,
    value: level ? level.label : number(last.value, decimals, isSigned),
    unit: level ? "" : unit,
    colour: level && state !== "grey" ? level.colour : null,
    meaning: level && level.meaning && VERDICTS[state] ? `${VERDICTS[state][0]}\u00a0${level.meaning}` : level && level.meaning,
    period: kind ? `${when} (${kind})` : when,
    state,
    reason,
    why: whyNot({ state, reason }, judged),
    since: silent && state !== "grey" ? say("noDataSince", { period: inWords(silent.starts) }) : null,
    target: last.target === null ? null : targetSaid(last, brief, proposed, facts === undefined ? null : state),
    change: before ? changeOf(last, before, look, brief, facts !== undefined && state !== "grey") : null,
    counts: isSigned ? null : countsInWords(last, look),
    supply: joined([...coveragesInWords(judged), ageInWords(judged)]) || null,
    running: running && say("running", { period: inWords(running.starts), value: inLevels(running.value, decimals, brief.unit, { ...look, isSigned }) }),
    note: note || null,
    source: sourcesInWords(look.sources || []),
    course: known.length > 1 ? known.slice(0, place + 1) : [],
    courseWords: known.length > 1 ? say("course", { from: inWords(known[0].starts), to: inWords(last.starts) }) : null,
  };
  if (said.course.length < 2) said.course = [];
  return { ...said, spoken: spokenOf(said, last, { ...look, isSigned }), details: detailsOf(said, last, judged, { ...look, isSigned }) };
}

/** A tile whose question has no rows at all. */
function withoutRows({ calendar }, facts, indicator) {
  const words = whyNoRows(facts, indicator, calendar);
  return { value: null, since: null, state: "grey", reason: "no_value", why: null, words: [words], spoken: words, details: [] };
}

/** A tile without any value: since when, or why. */
function emptyOf(course, look, facts, judgeAt) {
  const [first] = course;
  const judged = facts ? judgeAt(course[course.length - 1].starts) : null;
  const since = say("noDataSince", { period: period(look.calendar, first.starts) });
  const state = judged ? stateOf({ value: null }, look, judged, facts) : { state: "grey", reason: "no_value" };
  const why = state.reason === "no_value" ? null : whyNot(state, judged);
  const words = [since, why && why.words].filter(Boolean);
  return { value: null, since, ...state, why, words, spoken: words.join("; "), details: [] };
}

/** The level's name, or the figure with its unit of measure. */
const inLevels = (value, decimals, unit, { levels, isSigned }) => (levelAt(levels, value) || { label: amount(value, decimals, unit, isSigned) }).label;

const spokenOf = (said, { value }, { unit, decimals, ...look }) =>
  [
    `${inLevels(value, decimals, unit, look)}, ${said.period}`,
    said.why && said.why.words,
    said.target && `${said.target.words}${said.target.verdict ? `, ${said.target.verdict}` : ""}`,
    said.change && joinedWords([changeInWords(said.change), said.change.chance && `(${said.change.chance})`]),
    said.counts,
    said.supply,
    said.running,
    said.note,
    said.source,
    said.since,
  ]
    .filter(Boolean)
    .join("; ");

const joinedWords = (parts) => parts.filter(Boolean).join(" ");

const changeInWords = ({ words, side, against }) => joinedWords([words, side && `(${say(side)})`, against]);

/** Everything that is known of the figure: [[label, [lines]]], for who looks closer. */
function detailsOf(said, { value, numerator, denominator, status }, judged, look) {
  const side = (title, count, unit) => joinedWords([title, amount(count, 0, unit)]);
  const counts = said.counts && [
    side(look.numeratorTitle, numerator, look.numeratorUnit),
    side(look.denominatorTitle, denominator, look.denominatorUnit),
  ];
  const verdict = { good: "state_good", watch: "state_watch", bad: "state_bad" }[said.state];
  const judgedWords = said.why ? [said.why.words.split(":")[0], ...said.why.all] : verdict ? [say(verdict)] : null;
  return [
    [say("detail_value"), [`${inLevels(value, look.decimals, look.unit, look)}, ${said.period}`]],
    [say("detail_counts"), counts],
    [say("detail_state"), judgedWords],
    [say("detail_target"), said.target && [said.target.words]],
    [say("detail_change"), said.change && [changeInWords(said.change), said.change.chance].filter(Boolean)],
    [say("detail_coverage"), coveragesInWords(judged)],
    [say("detail_age"), [ageInWords(judged)].filter(Boolean)],
    [say("detail_status"), [say(`status_${status || look.status || "official"}`), judged.simulated && say("simulated")].filter(Boolean)],
    [say("detail_running"), said.running && [said.running]],
    [say("detail_source"), said.source && [said.source]],
  ].filter(([, lines]) => lines && lines.length);
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
