// A chart whose question has no rows: Superset would say only that there are no results, so each of ours asks what always has an answer
// beside it, and says by itself why there is nothing.
import { judge, today } from "./supply_judged.js";
import { reasonInWords } from "./supply_words.js";
import { say } from "./texts.js";

const NOTHING = { expressionType: "SQL", sqlExpression: "COUNT(*)", label: "none" };
const NAMED = { refused: "refused_data", missing: "late_data", excused: "excused_data", stale: "stale" };

/** How many questions are asked: Superset looks at so many answers before it says that there is none. */
export const QUESTIONS = 2;

/** The chart's question and one that has an answer of one row always and reads none; the same for all charts of a dataset. */
export const withAnAnswer = (base, query) => [
  query,
  { ...base, columns: [], metrics: [NOTHING], filters: [], extras: { where: "1 = 0", having: "" }, orderby: [], row_limit: 1, time_range: undefined },
];

/** Why there are no rows, in one sentence: what was not delivered, that nothing ever was, or that the filters leave nothing. */
export function whyNoRows(facts, indicator, calendar) {
  if (!facts || !facts.indicators[indicator]) return say("noDataSentence");
  const judged = judge(facts, indicator, calendar, today(facts));
  const reason = NAMED[judged.supply];
  const everLoaded = facts.indicators[indicator].some(([name]) => facts.datasets[name].loaded_at);
  if (!everLoaded && !judged.missingCount) return say("never_received");
  if (!reason) return say("nothing_chosen");
  return `${say("noDataSentence")}: ${reasonInWords(reason, judged, null)}`;
}
