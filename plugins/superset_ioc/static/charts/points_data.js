// From the rows of a chart's answer to the points and clusters of each period.
import { day, figure } from "./figures.js";

// Told apart by people who do not see red and green; the last is for what the contract does not name.
const COLOURS = ["#2f6fb0", "#d97a1e", "#6b4fa3", "#1a8c94", "#b84a7d", "#8a6d3b", "#6b7f93", "#5b9bd5"];
const OTHER = "#7d7d7d";
export const NOT_JUDGED = "#9a9a9a";
const DARK_ENOUGH = 0.183; // relative luminance on which white has 4.5 : 1 (WCAG 2.2, 1.4.3)

/** White or black, whichever can be read on this colour (#rrggbb). */
export function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const part = parseInt(colour.slice(place, place + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > DARK_ENOUGH ? "#000" : "#fff";
}

/** Colour by part: those that the contract names in its order, then others by how often they come. */
export function coloursOf(rows, part, named) {
  const counts = new Map(named.map((label) => [label, 0]));
  if (part) for (const row of rows) if (row[part] !== null && row[part] !== undefined) counts.set(row[part], (counts.get(row[part]) || 0) + 1);
  const others = [...counts].filter(([label]) => !named.includes(label)).sort((a, b) => b[1] - a[1]);
  const labels = [...named, ...others.map(([label]) => label)];
  return new Map(labels.map((label, place) => [label, COLOURS[place] || OTHER]));
}

const is = (value) => value === true || value === "true" || value === 1;

function pointOf(row, part) {
  const [x, y] = [figure(row.longitude), figure(row.latitude)];
  if (x === null || y === null) return null;
  const cluster = figure(row.cluster);
  const inside = row.is_inside === undefined ? true : is(row.is_inside);
  return { x, y, unit: row.unit_name || "", part: (part && row[part]) || null, cluster, inside, day: day(row.day) };
}

const most = (values) => {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (String(a[0]) < String(b[0]) ? -1 : 1))[0][0];
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function clusterOf(id, members) {
  const days = members.map((one) => one.day).filter((one) => one !== null);
  return {
    id,
    x: mean(members.map((one) => one.x)),
    y: mean(members.map((one) => one.y)),
    count: members.length,
    unit: most(members.map((one) => one.unit)),
    part: most(members.map((one) => one.part)),
    first: days.length ? Math.min(...days) : null,
    last: days.length ? Math.max(...days) : null,
  };
}

/** Clusters of these points, the largest first and of the same size the newest. */
export function clustersOf(points) {
  const members = new Map();
  for (const one of points.filter(({ cluster }) => cluster !== null)) members.set(one.cluster, [...(members.get(one.cluster) || []), one]);
  return [...members].map(([id, its]) => clusterOf(id, its)).sort((a, b) => b.count - a.count || (b.last || 0) - (a.last || 0) || a.id - b.id);
}

/**
 * Periods of the answer, oldest first: [{starts, points, clusters, inside}]. Without a calendar everything is of one stretch, from its first
 * day to its last. `isCut`: the answer holds as many rows as were asked for, so that its oldest period is not whole and is left out.
 */
export function periodsOf(rows, part, calendar, isCut = false) {
  const found = new Map();
  for (const row of rows) {
    const starts = row.period_starts === undefined ? null : day(row.period_starts);
    const point = pointOf(row, part);
    if (point === null || (calendar && starts === null)) continue;
    const key = calendar ? starts : 0;
    if (!found.has(key)) found.set(key, { starts: starts || 0, ends: starts || 0, points: [] });
    const period = found.get(key);
    if (starts !== null) Object.assign(period, { starts: Math.min(period.starts, starts), ends: Math.max(period.ends, starts) });
    period.points.push(point);
  }
  const periods = [...found.values()].sort((a, b) => a.starts - b.starts);
  const whole = calendar && isCut && periods.length > 1 ? periods.slice(1) : periods;
  return whole.map(({ starts, ends, points }) => ({
    starts,
    ends,
    points,
    clusters: clustersOf(points),
    inside: points.filter(({ inside }) => inside).length,
  }));
}

/** How many points of the period each part has, in the order of the colours; parts without any are left out. */
export const countsOf = (points, colours) =>
  [...colours]
    .map(([label, colour]) => ({ label, colour, count: points.filter(({ part, inside }) => inside && part === label).length }))
    .filter(({ count }) => count > 0);

/** Radius of a cluster's disc in pixels: its area follows its number of points. */
export const radiusOf = (count) => Math.min(26, 5 + 3 * Math.sqrt(count));

const TOUCH = 0.8; // of the sum of two radii: so far apart that both numbers can be read
const ROUNDS = 40;

/**
 * Discs moved away from one another as little as both their numbers need to be read: [{x, y, radius}] in pixels, in their order. Two in one
 * place are moved sideways.
 */
export function apart(discs) {
  const placed = discs.map((one) => ({ ...one }));
  const push = (a, b) => {
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const far = Math.hypot(dx, dy);
    const least = TOUCH * (a.radius + b.radius);
    if (far >= least - 0.01) return false;
    const [ux, uy] = far > 0 ? [dx / far, dy / far] : [1, 0];
    const step = (least - far) / 2;
    Object.assign(a, { x: a.x - ux * step, y: a.y - uy * step });
    Object.assign(b, { x: b.x + ux * step, y: b.y + uy * step });
    return true;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const pushed = placed.flatMap((a, index) => placed.slice(index + 1).map((b) => push(a, b)));
    if (!pushed.includes(true)) break;
  }
  return placed;
}
