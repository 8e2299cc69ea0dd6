// The map of points as it is drawn: header with the period, outlines of the units, points, clusters, the list of clusters, and the words
// beside the pointer.
import { Message, Tip, useMap } from "./choropleth_view.js";
import { figure, isoDay, lastDay, number, period as inWords } from "./figures.js";
import { draw } from "./geometry.js";
import { whyNoRows } from "./no_rows.js";
import { HEADER_HEIGHT, PeriodHeader } from "./period_header.js";
import { apart, countsOf, inkOn, NOT_JUDGED, radiusOf } from "./points_data.js";
import { Banner, bannerHeight, bannerOf, firstPeriod, supplyLine } from "./supply_banner.js";
import { say } from "./texts.js";
import { linesOf } from "./tile_layout.js";

const React = window["__superset__/react"];
const h = React.createElement;
const { useMemo, useState } = React;

const BESIDE = 232;
const WIDE = 520;
const LINE = 20;
const LETTERS = 13; // as in charts.css
const NAME_LINE = 16;
const NOTE_LINE = 17;
const BESIDE_NAME = 46; // the dot, the count and the gaps beside a part's name
const SPOT_LINE = 38;
const CLOSE = 9; // how much closer one looks at a cluster
const POINT = 3;
const FEWEST_LISTED = 3;

const dayWords = (ms) => inWords("day", ms);
const spanWords = (spot) => {
  if (spot.first === null) return say("points_shown", { count: number(spot.count) });
  const same = spot.first === spot.last;
  return say(same ? "points_on" : "points_in", { count: number(spot.count), from: dayWords(spot.first), to: dayWords(spot.last) });
};

/** The frame that is looked at: {scale, left, top} of the drawing; around a cluster, or all of it. */
function lookAt(near, place, width, height) {
  if (!near) return { scale: 1, left: 0, top: 0 };
  const [x, y] = place([near.x, near.y]);
  return { scale: CLOSE, left: width / 2 - x * CLOSE, top: height / 2 - y * CLOSE };
}

function Dots({ points, colours, grey, place, frame, point }) {
  const dot = ({ x, y, unit, part, inside, day }, index) => {
    const [left, top] = place([x, y]);
    const at = { x: frame.left + left * frame.scale, y: frame.top + top * frame.scale };
    const colour = grey ? NOT_JUDGED : colours.get(part) || NOT_JUDGED;
    const words = [unit, part, day === null ? null : dayWords(day)].filter(Boolean);
    return h("circle", {
      key: index,
      cx: at.x.toFixed(1),
      cy: at.y.toFixed(1),
      r: frame.scale > 1 ? POINT + 2 : POINT,
      className: inside ? "ioc-point" : "ioc-point ioc-point-before",
      fill: inside ? colour : "#fff",
      stroke: colour,
      onMouseMove: () => point({ at, words }),
      onMouseLeave: () => point(null),
    });
  };
  return h("g", { className: "ioc-points" }, ...points.map(dot));
}

function Spots({ clusters, colours, grey, place, frame, point, choose, near }) {
  const discs = clusters.map((one) => {
    const [left, top] = place([one.x, one.y]);
    return { x: frame.left + left * frame.scale, y: frame.top + top * frame.scale, radius: radiusOf(one.count) };
  });
  const placed = apart(discs);
  // The largest is drawn first, so that a small one beside it can be seen and pointed at.
  const spot = (one, index) => {
    const { radius, ...at } = placed[index];
    const colour = grey ? NOT_JUDGED : colours.get(one.part) || NOT_JUDGED;
    const words = [one.unit, one.part, spanWords(one)].filter(Boolean);
    return h(
      "g",
      {
        key: one.id,
        className: `ioc-spot${near && near.id === one.id ? " ioc-spot-near" : ""}`,
        transform: `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`,
        "data-cluster": one.id,
        onClick: () => choose(one),
        onMouseMove: () => point({ at, words }),
        onMouseLeave: () => point(null),
      },
      h("circle", { r: radius, fill: colour }),
      h("text", { dy: "0.35em", style: { fontSize: Math.max(10, radius), fill: inkOn(colour) } }, number(one.count)),
    );
  };
  return h("g", null, ...clusters.map(spot));
}

function Parts({ counts, grey }) {
  const line = ({ label, colour, count }) =>
    h("li", { key: label }, h("span", { className: "ioc-dot", style: { background: grey ? NOT_JUDGED : colour } }), h("span", null, label), h("span", { className: "ioc-count" }, number(count)));
  return h("ul", { className: "ioc-legend ioc-points-parts", "aria-label": say("legend") }, ...counts.map(line));
}

/** The clusters by size, as many as there is room for; a click looks at one closely. */
function SpotList({ clusters, rule, room, near, choose, colours, grey }) {
  const most = Math.max(FEWEST_LISTED, Math.floor(room / SPOT_LINE));
  const shown = clusters.slice(0, clusters.length > most ? most - 1 : most);
  const line = (one) => {
    const background = grey ? NOT_JUDGED : colours.get(one.part) || NOT_JUDGED;
    return h(
      "li",
      { key: one.id },
      h(
        "button",
        { type: "button", "aria-pressed": Boolean(near && near.id === one.id), title: say("points_near", { place: one.unit }), onClick: () => choose(one) },
        h("span", { className: "ioc-spot-count", style: { background, color: inkOn(background) } }, number(one.count)),
        h("span", null, h("strong", null, one.unit), one.part && h("small", null, one.part)),
      ),
    );
  };
  return h(
    "div",
    { className: "ioc-spots" },
    h("strong", { className: "ioc-spots-title" }, `${rule.title}: ${number(clusters.length)}`),
    h("small", null, clusters.length ? say("points_rule", { least: rule.least, radius: number(rule.radius), days: rule.days }) : say("points_none")),
    clusters.length > 0 && h("ol", null, ...shown.map(line)),
    clusters.length > shown.length && h("small", null, say("points_more", { count: clusters.length - shown.length })),
  );
}

/** Height of the list of parts in so many columns; a long name takes two lines. */
function heightOfParts(counts, width, columns) {
  const tall = counts.map(({ label }) => Math.max(LINE, linesOf(label, LETTERS, width - BESIDE_NAME) * NAME_LINE));
  return tall.reduce((sum, _, index) => (index % columns ? sum : sum + Math.max(...tall.slice(index, index + columns))), 0);
}

const wordsOf = (calendar, { starts, ends }) =>
  calendar ? inWords(calendar, starts) : say("points_span", { from: dayWords(starts), to: dayWords(ends) });

/** The chart; `periods` as points_data makes them, `rule` what makes a cluster, `select` sets the units that filter the dashboard. */
export function Points({ width, height, periods, level, calendar, colours, facts, indicator, rule, title, selected, select, cut }) {
  const [starts, setStarts] = useState(null);
  const [pointed, point] = useState(null);
  const [near, look] = useState(null);
  const stayed = periods.findIndex((one) => one.starts === starts);
  const first = useMemo(
    () => (calendar ? firstPeriod(facts, indicator, calendar, periods) : periods.length - 1),
    [facts, indicator, calendar, periods],
  );
  const index = stayed >= 0 ? stayed : first;
  const current = periods[index];
  const banner = useMemo(
    () => (current && calendar && indicator ? bannerOf(facts, indicator, calendar, current.starts, index >= first) : bannerOf(false)),
    [facts, indicator, calendar, current, index, first],
  );
  const said = bannerHeight(banner, width);
  const on = current && isoDay(calendar ? lastDay(calendar, current.starts) : current.ends);
  const map = useMap(level, on);
  const beside = width >= WIDE;
  const hasRule = figure(rule.least) !== null;
  const counts = useMemo(() => (current ? countsOf(current.points, colours) : []), [current, colours]);
  const partsHeight = useMemo(() => heightOfParts(counts, beside ? BESIDE - 10 : (width - 12) / 2, beside ? 1 : 2), [counts, beside, width]);
  const listHeight = hasRule && !beside ? (FEWEST_LISTED + 1) * SPOT_LINE + 24 : 0;
  const mapWidth = Math.max(80, beside ? width - BESIDE : width);
  const about = current && [say("points_shown", { count: number(current.inside) }), supplyLine(banner)].filter(Boolean).join(" · ");
  const notesHeight = about ? linesOf(about, LETTERS, width) * NOTE_LINE + (cut > 0 ? NOTE_LINE : 0) + 16 : 0;
  const mapHeight = Math.max(120, height - HEADER_HEIGHT - said - (beside ? 0 : partsHeight + listHeight + notesHeight));
  const drawn = useMemo(() => map && map.features.length > 0 && draw(map, mapWidth, mapHeight), [map, mapWidth, mapHeight]);

  if (!current) return h(Message, { width, height }, whyNoRows(facts, indicator, calendar || "day"));
  if (map === null) return h(Message, { width, height }, say("mapFailed"));
  if (map === undefined) return h(Message, { width, height }, say("waiting"));
  const words = wordsOf(calendar, current);
  if (!drawn) return h(Message, { width, height }, say("noShapes", { period: words }));
  const closer = near && current.clusters.find(({ id }) => id === near.id && near.starts === current.starts);
  const frame = lookAt(closer, drawn.place, mapWidth, mapHeight);
  const whole = () => {
    look(null);
    if (select && selected.length) select([]);
  };
  const choose = (one) => {
    if (closer && closer.id === one.id) return whole();
    look({ id: one.id, starts: current.starts });
    return select && one.unit && select([one.unit]);
  };
  const step = (place) => () => {
    look(null);
    setStarts(periods[place].starts);
  };
  const grey = banner.grey;
  const shape = `translate(${frame.left.toFixed(1)} ${frame.top.toFixed(1)}) scale(${frame.scale})`;
  return h(
    "div",
    {
      className: "ioc-choropleth ioc-points-map",
      style: { width, height },
      "data-period": on,
      "data-clusters": current.clusters.length,
      "data-points": current.inside,
      "data-state": grey ? "grey" : "judged",
      onKeyDown: (event) => event.key === "Escape" && closer && whole(),
    },
    h(
      PeriodHeader,
      { words, older: index > 0 && step(index - 1), newer: index < periods.length - 1 && step(index + 1) },
      map.schematic && h("span", { className: "ioc-schematic", title: say("schematic") }, say("schematic").split(/ ?:/)[0]),
    ),
    h(Banner, { banner, height: said }),
    h(
      "div",
      { className: beside ? "ioc-map-beside" : "ioc-map-above" },
      h(
        "div",
        { className: "ioc-points-frame", style: { width: mapWidth, height: mapHeight } },
        h(
          "svg",
          { width: mapWidth, height: mapHeight, viewBox: `0 0 ${mapWidth} ${mapHeight}`, role: "img", "aria-label": say("points_title", { metric: title, period: words }) },
          h("desc", null, say("points_keys")),
          h("g", { transform: shape }, ...drawn.units.map((unit) => h("path", { key: unit.unit_id, d: unit.path, className: `ioc-ground${selected.includes(unit.name) ? " ioc-ground-selected" : ""}`, vectorEffect: "non-scaling-stroke" })), drawn.outline && h("path", { d: drawn.outline, className: "ioc-outline", vectorEffect: "non-scaling-stroke" })),
          h(Dots, { points: current.points, colours, grey, place: drawn.place, frame, point }),
          h(Spots, { clusters: closer ? current.clusters.filter(({ id }) => id !== closer.id) : current.clusters, colours, grey, place: drawn.place, frame, point, choose, near: closer }),
        ),
        closer && h("button", { type: "button", className: "ioc-whole", onClick: whole }, `× ${say("points_whole")}`),
      ),
      h(
        "div",
        { className: beside ? "ioc-points-beside" : "ioc-points-below" },
        hasRule && h(SpotList, { clusters: current.clusters, rule, room: beside ? mapHeight - partsHeight - 100 : listHeight, near: closer, choose, colours, grey }),
        h(Parts, { counts, grey }),
        h("div", { className: "ioc-legend-supply" }, about),
        cut > 0 && h("div", { className: "ioc-legend-supply", role: "note" }, say("points_cut", { count: number(cut) })),
      ),
    ),
    pointed && h(Tip, { at: { x: pointed.at.x, y: pointed.at.y + HEADER_HEIGHT + said }, lines: pointed.words, width: mapWidth, height }),
  );
}
