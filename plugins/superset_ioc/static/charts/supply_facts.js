// Facts of the supply of indicators' data: one request for all charts of a subsystem, asked anew when the dashboard refreshes.
//
// Superset keeps a chart's answer as long as the data are the same, and a report becomes late without any change of data. So the facts are
// no part of that answer: a chart that gets new rows has been refreshed, and the first that does asks for all of them.

const React = window["__superset__/react"];

const ADDRESS = "/ioc/supply/indicators.json";
/** A chart that is scrolled to later takes facts that are no older. */
const OLDEST = 60_000;

/** What one subsystem's charts share: `facts` is undefined until they are known, null when they cannot be had. */
export class SharedFacts {
  constructor(load, clock = Date.now) {
    this.load = load;
    this.clock = clock;
    this.facts = undefined;
    this.listeners = new Set();
    this.round = null;
  }

  /** Called by a chart that has rows; the same chart with other rows begins a new round. */
  ask(chart, rows) {
    const { round } = this;
    const refreshed = round && round.rows.has(chart) && round.rows.get(chart) !== rows;
    if (!round || refreshed || this.clock() - round.at > OLDEST) this.begin();
    this.round.rows.set(chart, rows);
  }

  begin() {
    const round = { at: this.clock(), rows: new Map() };
    this.round = round;
    const tell = (facts) => {
      if (this.round !== round) return; // a later one was asked for meanwhile
      this.facts = facts;
      this.listeners.forEach((listener) => listener());
    };
    this.load().then(tell, (problem) => {
      console.error(problem);
      tell(null);
    });
  }
}

async function load(subsystem) {
  const address = `${ADDRESS}?subsystem=${encodeURIComponent(subsystem)}`;
  const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the supply of ${subsystem}: ${answer.status}`);
  return answer.json();
}

const shared = new Map();

function sharedOf(subsystem) {
  if (!shared.has(subsystem)) shared.set(subsystem, new SharedFacts(() => load(subsystem)));
  return shared.get(subsystem);
}

/**
 * The facts for a chart of this indicator (`health.bed-occupancy`): undefined while they are asked for, null when they cannot be had, and
 * false for a chart that names no indicator. `chart` is the chart's number, `rows` what it was answered.
 */
export function useFacts(indicator, chart, rows) {
  const subsystem = indicator ? indicator.slice(0, indicator.lastIndexOf(".")) : null;
  const [, redraw] = React.useState(0);
  React.useEffect(() => {
    if (!subsystem) return undefined;
    const facts = sharedOf(subsystem);
    const listener = () => redraw((times) => times + 1);
    facts.listeners.add(listener);
    facts.ask(chart, rows);
    return () => facts.listeners.delete(listener);
  }, [subsystem, chart, rows]);
  return subsystem ? sharedOf(subsystem).facts : false;
}
