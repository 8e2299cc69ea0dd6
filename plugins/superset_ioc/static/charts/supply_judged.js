// What the facts of supply say of one indicator in one period.
import { day, lastDay } from "./figures.js";

const DAY = 86_400_000;
const HOURS_AHEAD = 7 * 3_600_000; // Viet Nam has no summer time
const ORDER = ["refused", "missing", "excused", "incomplete", "stale", "late", "due_soon", "ok", "none"];
const SHOWN_WITH_AGENCY = 5;

/** Today in Viet Nam as milliseconds: that of the facts, or the browser's. */
export function today(facts, now = Date.now()) {
  return facts ? day(facts.moment.slice(0, 10)) : Math.floor((now + HOURS_AHEAD) / DAY) * DAY;
}

const ratio = ({ received, expected }) => (expected ? received / expected : 1);

/** The coverage that says most: of those with the least share that is there, the one of most reports. */
const lowest = (found) => [...found].sort((a, b) => ratio(a) - ratio(b) || b.expected - a.expected)[0] || null;

const named = ([first, after, expected, received, due, at, present, units]) => ({
  first: day(first),
  after: day(after),
  expected,
  received,
  due,
  at,
  present,
  units,
});

/** Rows of a dataset's periods that lie in the span, with names. */
const within = (dataset, starts, ends) => dataset.periods.map(named).filter(({ first, after }) => first < ends && after > starts);

/** What is counted: agencies of one period, periods of one agency, or reports of several in several. */
function kindOf(rows, calendar) {
  if (rows.length === 1) return "agencies";
  return rows.every(({ expected }) => expected === 1) ? `periods_${calendar}` : "reports";
}

function coverageOf(dataset, rows, isOver) {
  const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
  const received = total("received");
  const calendar = spanOf(rows[0]);
  return { received, expected: isOver ? total("expected") : Math.max(total("due"), received), kind: kindOf(rows, calendar) };
}

/** The calendar that a dataset's periods are of, as far as words need it. */
function spanOf({ first, after }) {
  const days = (after - first) / DAY;
  if (days === 1) return "day";
  return days === 7 ? "week" : days < 32 ? "month" : "other";
}

/** Reports that are not there, of the dataset with the worst word first. */
const missingOf = (datasets) =>
  datasets
    .flatMap((one) => one.last.map((report) => ({ ...report, dataset: one.title })))
    .sort((a, b) => ORDER.indexOf(a.word) - ORDER.indexOf(b.word) || (a.due_at < b.due_at ? -1 : 1))
    .slice(0, SHOWN_WITH_AGENCY);

/**
 * {supply, over, stands, coverage, localities, receivedAt, loadedAt, simulated, missing, missingCount} for the period of the calendar that begins
 * on this day. `coverage` {received, expected, kind}; `receivedAt` in milliseconds. With `facts` false only `over` is known.
 */
export function judge(facts, indicator, calendar, starts) {
  const ends = lastDay(calendar, starts) + DAY;
  const passed = ends <= today(facts);
  const used = (facts && facts.indicators[indicator]) || [];
  const nothing = { supply: "none", over: passed, coverage: null, localities: null, receivedAt: null, loadedAt: null, simulated: false };
  if (!used.length) return { ...nothing, missing: [], missingCount: 0 };
  const all = used.map(([name]) => facts.datasets[name]);
  const flows = used.filter(([, asOf]) => !asOf).map(([name]) => facts.datasets[name]);
  const found = flows.map((dataset) => [dataset, within(dataset, starts, ends)]).filter(([, rows]) => rows.length);
  // Reports that are all past due say that a period is whole before its last day ends: beds counted at 16:00, due at 17:00.
  const reaches = (rows) => Math.max(...rows.map((row) => row.after)) >= ends;
  const whole = found.length > 0 && found.every(([, rows]) => rows.every((row) => row.due === row.expected) && reaches(rows));
  const over = passed || whole || !flows.length;
  const received = found.flatMap(([, rows]) => rows.map(({ at }) => at)).filter((at) => at !== null);
  const loaded = flows.map((one) => one.loaded_at && Date.parse(one.loaded_at)).filter(Boolean);
  const counted = found.flatMap(([, rows]) => rows.filter(({ units }) => units));
  const localities = counted.map(({ present, units }) => ({ received: present, expected: units, kind: "localities" }));
  return {
    // A stock, or what the clock alone changes ("overdue now"), stands for this moment.
    stands: !flows.length && !passed,
    supply: ORDER.find((word) => all.some((one) => one.supply === word)) || "none",
    over,
    due: found.every(([, rows]) => rows.every((row) => row.due === row.expected)),
    coverage: lowest(found.map(([dataset, rows]) => coverageOf(dataset, rows, over))),
    localities: lowest(localities),
    receivedAt: received.length ? Math.max(...received) * 1000 : null,
    loadedAt: loaded.length ? Math.max(...loaded) : null,
    simulated: all.some((one) => one.simulated),
    missing: missingOf(all),
    missingCount: all.reduce((sum, one) => sum + one.missing, 0),
  };
}

/** The coverage that a state is judged by: reports or localities, whichever lacks more. */
export const leastCovered = ({ coverage, localities }) => lowest([coverage, localities].filter(Boolean));

/** Place of the period to show first: the last with a value that is over, or the last with a value. */
export function firstShown(facts, indicator, calendar, starts) {
  if (!facts) return starts.length - 1;
  for (let index = starts.length - 1; index >= 0; index -= 1) {
    if (judge(facts, indicator, calendar, starts[index]).over) return index;
  }
  return starts.length - 1;
}
