// Shapes of units: asked once for each time in which the units were the same, and drawn without a background map.

const loaded = new Map();

const holds = (map, on) => map.valid_from <= on && (map.valid_to === null || on < map.valid_to);

/** The map of a level on a day (YYYY-MM-DD), or undefined when it was not loaded yet. */
export const mapOf = (level, on) => (loaded.get(level) || []).find((map) => holds(map, on));

/** Ask for the map of a level on a day. Rejects when it cannot be had. */
export async function loadMap(level, on) {
  const known = mapOf(level, on);
  if (known) return known;
  const answer = await fetch(`/ioc/map/${level}.json?on=${on}`, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the map of ${level} on ${on}: ${answer.status}`);
  const map = await answer.json();
  loaded.set(level, [...(loaded.get(level) || []), map]);
  return map;
}

/** Every ring of a geometry: lists of [longitude, latitude]. */
function rings(geometry) {
  if (geometry.type === "Polygon") return geometry.coordinates;
  if (geometry.type === "MultiPolygon") return geometry.coordinates.flat();
  return [];
}

/** West, south, east, north of several geometries, in degrees. */
function extent(geometries) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of geometries.flatMap(rings).flat()) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

/** Width by height of the map: degrees of longitude are shorter than those of latitude. */
const narrowing = ([, south, , north]) => Math.cos((((south + north) / 2) * Math.PI) / 180);

/**
 * Paths of a map in a frame of this size: {outline, units: [{unit_id, code, name, path, x, y}], place}, x and y the middle of the unit's largest
 * ring; `place` gives the place in the frame of a [longitude, latitude].
 */
export function draw(map, width, height) {
  const shapes = map.features.map((feature) => feature.geometry);
  const box = extent(map.outline ? [...shapes, map.outline] : shapes);
  const narrow = narrowing(box);
  const scale = Math.min(width / ((box[2] - box[0]) * narrow), height / (box[3] - box[1]));
  const left = (width - (box[2] - box[0]) * narrow * scale) / 2;
  const top = (height - (box[3] - box[1]) * scale) / 2;
  const place = ([x, y]) => [left + (x - box[0]) * narrow * scale, top + (box[3] - y) * scale];
  const pathOf = (geometry) =>
    rings(geometry)
      .map((ring) => `M${ring.map((point) => place(point).map((part) => part.toFixed(1)).join(" ")).join("L")}Z`)
      .join("");
  const middle = (geometry) => {
    const longest = rings(geometry).reduce((a, b) => (b.length > a.length ? b : a));
    const [west, south, east, north] = extent([{ type: "Polygon", coordinates: [longest] }]);
    return place([(west + east) / 2, (south + north) / 2]);
  };
  const units = map.features.map((feature) => {
    const [x, y] = middle(feature.geometry);
    return { ...feature.properties, path: pathOf(feature.geometry), x, y };
  });
  return { outline: map.outline ? pathOf(map.outline) : null, units, place };
}

const TURNS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The unit that lies nearest in the direction of an arrow key; null for another key or at the edge. */
export function neighbour(units, from, key) {
  const turn = TURNS[key];
  if (!turn) return null;
  let best = null;
  for (const unit of units) {
    const [dx, dy] = [unit.x - from.x, unit.y - from.y];
    const along = dx * turn[0] + dy * turn[1];
    const aside = Math.abs(dx * turn[1]) + Math.abs(dy * turn[0]);
    if (along <= 0.5 || aside > 2 * along) continue;
    const cost = along + 2 * aside;
    if (!best || cost < best.cost) best = { unit, cost };
  }
  return best && best.unit;
}
