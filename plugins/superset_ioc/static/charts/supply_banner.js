// The line over a map or a ranking that says why it is not judged, or how much of it is there.
import { firstShown, judge, leastCovered } from "./supply_judged.js";
import { coverageInWords, reasonInWords } from "./supply_words.js";
import { say } from "./texts.js";
import { drawnHeight } from "./tile_layout.js";

const React = window["__superset__/react"];
const h = React.createElement;

const LETTERS = 13;
const LINE_OF_LETTERS = 1.35; // of tile_layout
const LINE = 18;
const SIDES = 40; // edge, padding and a little more, so that a line is never longer than was reckoned
const ABOVE_AND_BELOW = 6;

const REASONS = { refused: "refused_data", missing: "late_data", excused: "excused_data", stale: "stale" };

/**
 * What is said of one period of a map or a ranking: {grey, reason, words, supply}. `grey` when its values are not to be judged: a report is
 * late, refused or excused, or agencies are missing. `shownFirst`: whether it is the period that is shown first, or a later one; what is
 * late now says nothing of periods before it, which have their own coverage.
 */
export function bannerOf(facts, indicator, calendar, starts, shownFirst) {
  if (facts === undefined || facts === false) return { grey: false, reason: null, words: null, judged: null };
  if (facts === null) return { grey: true, reason: "unknown", words: `${say("state_grey")}: ${say("unknown")}`, judged: null };
  const judged = judge(facts, indicator, calendar, starts);
  const short = judged.coverage && judged.coverage.received < judged.coverage.expected;
  const reason = (shownFirst && REASONS[judged.supply]) || (judged.over ? short && "incomplete" : "period_running") || null;
  const words = reason && `${say("state_grey")}: ${reasonInWords(reason, judged, reason === "incomplete" ? judged.coverage : leastCovered(judged))}`;
  return { grey: reason !== null, reason, words, judged };
}

/** Place of the period that a chart shows first. */
export const firstPeriod = (facts, indicator, calendar, periods) => firstShown(facts, indicator, calendar, periods.map(({ starts }) => starts));

/** Coverage and kind of a period in one line, or null. */
export function supplyLine({ judged }) {
  if (!judged) return null;
  return [judged.simulated && say("simulated"), judged.coverage && coverageInWords(judged.coverage)].filter(Boolean).join(" · ") || null;
}

/** Height that the banner needs. */
export const bannerHeight = ({ words }, width) =>
  words ? Math.round(drawnHeight(words, LETTERS, width - SIDES) / (LETTERS * LINE_OF_LETTERS)) * LINE + ABOVE_AND_BELOW : 0;

export const Banner = ({ banner, height }) =>
  banner.words ? h("div", { className: "ioc-supply-banner", role: "status", "data-reason": banner.reason, title: banner.words, style: { height } }, banner.words) : null;
