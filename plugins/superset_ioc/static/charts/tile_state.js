// What a tile may say of its value: good, watch, bad, neutral, or grey with the reason. As datasets/model/tile_state.py; both are held to
// datasets/model/tile_state_examples.yaml.
import { countHolds, isSmallShare, shareHolds, SMALL } from "./small_number.js";

const GREY = { refused: "refused_data", missing: "late_data", excused: "excused_data", incomplete: "incomplete", stale: "stale" };
const isNumber = (value) => value !== null && value !== undefined;

/** A target of none or of all is met or missed by the count itself: one case is enough to miss it. */
function isTooSmall({ target, numerator, denominator, scale }) {
  if (!isNumber(numerator)) return false;
  const count = Math.round(numerator);
  if (!isNumber(denominator)) return count >= 0 && count < SMALL && target > 0 && countHolds(count, target);
  const total = Math.round(denominator);
  const share = target / scale;
  if (count < 0 || count > total || share <= 0 || share >= 1 || !isSmallShare(count, total)) return false;
  return shareHolds(count, total, share);
}

/** The amber band begins on the good side of the target; a limit is met at its own value. */
function colour({ value, target, amber, direction }) {
  const sign = direction === "up" ? 1 : -1;
  if (sign * (value - target) < 0) return "bad";
  return isNumber(amber) && sign * (value - amber) < 0 ? "watch" : "good";
}

const said = (state, reason = null) => ({ state, reason });

/**
 * {state, reason} of {value, target, amber, direction, coverage: {received, expected}, supply, numerator, denominator, scale, period_over,
 * level}; `level` is the state of the value's own level, for an indicator that has only a few.
 * Grey before neutral before a colour; the first reason that holds is the one given. Status and simulated change no colour.
 */
export function tileState(given) {
  const facts = { supply: "none", direction: "none", period_over: true, scale: 100, ...given };
  if (GREY[facts.supply]) return said("grey", GREY[facts.supply]);
  if (!isNumber(facts.value)) return said("grey", "no_value");
  if (!facts.period_over) return said("grey", "period_running");
  if (facts.coverage && facts.coverage.received < facts.coverage.expected) return said("grey", "incomplete");
  if (facts.level) return said(facts.level);
  if (facts.direction === "none") return said("neutral", "no_direction");
  if (!isNumber(facts.target)) return said("neutral", "no_target");
  if (isTooSmall(facts)) return said("neutral", "small_number");
  return said(colour(facts));
}
