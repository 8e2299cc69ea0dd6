// The supply of an indicator's data in words: why it is not judged, how much is there, and when it came.
import { day, period } from "./figures.js";
import { language, say } from "./texts.js";

const HOURS_AHEAD = 7 * 3_600_000;
const NAMED = { late_data: "missing", refused_data: "refused", excused_data: "excused" };
const two = (part) => String(part).padStart(2, "0");

/** 16:40 22/11/2026 by the province's clock, of milliseconds or ISO text. */
export function moment(value) {
  const at = new Date((typeof value === "number" ? value : Date.parse(value)) + HOURS_AHEAD);
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  return `${time} ${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;
}

const named = (titles) => (titles ? titles[language()] : "");

/** As it stands within a sentence: "tuần 46/2026". */
const within = (words) => words.charAt(0).toLowerCase() + words.slice(1);

/** One report that is not there, in words. */
const reportInWords = (reason, { agency, dataset, calendar, starts, due_at, until }) =>
  say(reason, {
    agency: named(agency),
    dataset: named(dataset),
    period: within(period(calendar, day(starts))),
    due: moment(due_at),
    until: until ? moment(until) : "",
  });

/** "18/21 cơ quan" */
export const coverageInWords = ({ received, expected, kind }) => say("covered", { received, expected, what: say(kind) });

/** All that a reason says, most important first: [words]. */
export function reasonsInWords(reason, judged, least) {
  if (NAMED[reason]) {
    const reports = judged.missing.filter(({ word }) => word === NAMED[reason]);
    const others = judged.missingCount - reports.length;
    return [...reports.map((one) => reportInWords(reason, one)), others > 0 && say("and_others", { count: others })].filter(Boolean);
  }
  if (reason === "incomplete" && least) return [say("incomplete", { ...least, what: say(least.kind) })];
  if (reason === "incomplete") return [say("incomplete_brief")];
  if (reason === "stale") return [judged.loadedAt ? say("stale", { at: moment(judged.loadedAt) }) : say("stale_brief")];
  return [say(reason)];
}

/** The reason in one sentence: the first report that is not there, and how many others. */
export function reasonInWords(reason, judged, least) {
  const [first] = reasonsInWords(reason, judged, least);
  const others = NAMED[reason] ? judged.missingCount - 1 : 0;
  return others > 0 ? `${first} ${say("and_others", { count: others })}` : first;
}

const BRIEF = new Set(["late_data", "refused_data", "excused_data", "incomplete", "stale"]);

/** The reason in a few words, for a tile without room. */
export const reasonInBrief = (reason) => say(BRIEF.has(reason) ? `${reason}_brief` : reason);

/** "nhận 16:40 22/11/2026"; null when nothing has come. */
export function ageInWords({ receivedAt, loadedAt }) {
  if (receivedAt !== null) return say("received_at", { at: moment(receivedAt) });
  return loadedAt !== null ? say("loaded_at", { at: moment(loadedAt) }) : null;
}
