// The map as it is drawn: header with the period, units, legend, and the words beside the pointer.
import { draw, loadMap, mapOf, neighbour } from "./geometry.js";
import { shownPeriod } from "./choropleth_data.js";
import { periodInWords, sourcesInWords } from "./figure_status.js";
import { isoDay, lastDay } from "./figures.js";
import { whyNoRows } from "./no_rows.js";
import { HEADER_HEIGHT, PeriodHeader } from "./period_header.js";
import { Banner, bannerHeight, bannerOf, firstPeriod, supplyLine } from "./supply_banner.js";
import { say } from "./texts.js";

const React = window["__superset__/react"];
const h = React.createElement;
const { useEffect, useMemo, useRef, useState } = React;

const LEGEND_BESIDE = 176;
const LEGEND_WHOLE = 232; // "Cấp 2 · Nguy cơ trung bình" and how many communes have data stay on one line
const WIDE = 480;
const WIDER = 640;
const LEGEND_LINE = 20;
const TIP_WIDTH = 220;
const TIP_HEIGHT = 92;

let charts = 0;

/** The map of this level and day: undefined while it is loading, null when it cannot be had. */
export function useMap(level, on) {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState(null);
  useEffect(() => {
    let gone = false;
    if (on && !mapOf(level, on)) {
      loadMap(level, on).then(
        () => gone || redraw((times) => times + 1),
        (problem) => {
          console.error(problem);
          if (!gone) setFailed(`${level} ${on}`);
        },
      );
    }
    return () => {
      gone = true;
    };
  }, [level, on]);
  const map = on && mapOf(level, on);
  return !map && failed === `${level} ${on}` ? null : map;
}

export const Message = ({ width, height, children }) => h("div", { className: "ioc-message", role: "status", style: { width, height } }, children);

function Legend({ unit, classes, missing, excluded, supply, beside }) {
  // `beside`: its width beside the map, or 0 below it.
  const entry = (key, words, count, style, kind = "") =>
    h("li", { key }, h("span", { className: `ioc-swatch ${kind}`, style }), h("span", null, words), h("span", { className: "ioc-count" }, count));
  return h(
    "ul",
    { className: `ioc-legend ${beside ? "ioc-beside" : "ioc-below"}`, style: beside ? { width: beside } : null, "aria-label": say("legend") },
    unit && h("li", { key: "unit", className: "ioc-legend-unit" }, unit),
    ...[...classes].reverse().map(({ words, colour, count }) => entry(words, words, count, { background: colour })),
    missing > 0 && entry("missing", say("noData"), missing, {}, "ioc-hatched"),
    excluded > 0 && entry("excluded", say("notChosen"), excluded, {}, "ioc-excluded"),
    ...supply.map((words) => h("li", { key: words, className: "ioc-legend-supply" }, words)),
  );
}

export function Tip({ at, lines, width, height }) {
  const left = Math.max(4, Math.min(at.x + 14, width - TIP_WIDTH - 4));
  const top = at.y + 14 + TIP_HEIGHT > height ? Math.max(2, at.y - TIP_HEIGHT - 8) : at.y + 14;
  const [name, ...more] = lines;
  return h(
    "div",
    { className: "ioc-tip", style: { left, top, maxWidth: TIP_WIDTH }, "aria-hidden": true },
    h("strong", null, name),
    ...more.map((line) => h("div", { key: line }, line)),
  );
}

/** What is said of a unit: its name, then value and rank or "no data", then the period. */
function linesOf(unit, shown, isChosen, periodWords) {
  const found = shown.of.get(unit.unit_id);
  if (found) return [unit.name, found.words, found.rank, periodWords].filter(Boolean);
  return [unit.name, isChosen(unit) ? say("noDataSentence") : say("notChosen"), periodWords];
}

function Units({ drawn, shown, isChosen, selected, periodWords, hatch, choose, point, clear }) {
  const [reached, setReached] = useState(0);
  const paths = useRef([]);
  const onKeyDown = (index) => (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(drawn.units[index]);
    } else if (event.key === "Escape") {
      clear();
    } else {
      const next = neighbour(drawn.units, drawn.units[index], event.key);
      if (!next && !event.key.startsWith("Arrow")) return;
      event.preventDefault();
      if (!next) return;
      const place = drawn.units.indexOf(next);
      setReached(place);
      paths.current[place].focus();
    }
  };
  const path = (unit, index) => {
    const found = shown.of.get(unit.unit_id);
    const chosen = isChosen(unit);
    return h("path", {
      key: unit.unit_id,
      ref: (element) => {
        paths.current[index] = element;
      },
      d: unit.path,
      className: `ioc-unit${selected.includes(unit.name) ? " ioc-selected" : ""}${selected.length && !selected.includes(unit.name) ? " ioc-dimmed" : ""}`,
      fill: found ? found.colour : chosen ? `url(#${hatch})` : "#f7f7f7",
      "data-unit": unit.unit_id,
      "data-state": found ? "value" : chosen ? "missing" : "excluded",
      role: "button",
      "aria-pressed": selected.includes(unit.name),
      "aria-label": linesOf(unit, shown, isChosen, periodWords).join(", "),
      tabIndex: index === Math.min(reached, drawn.units.length - 1) ? 0 : -1,
      onClick: () => choose(unit),
      onKeyDown: onKeyDown(index),
      onFocus: () => {
        setReached(index);
        point({ unit, at: { x: unit.x, y: unit.y + HEADER_HEIGHT } });
      },
      onBlur: () => point(null),
      onMouseMove: ({ clientX, clientY, currentTarget }) => {
        const frame = currentTarget.ownerSVGElement.getBoundingClientRect();
        point({ unit, at: { x: clientX - frame.left, y: clientY - frame.top + HEADER_HEIGHT } });
      },
      onMouseLeave: () => point(null),
    });
  };
  return h("g", null, ...drawn.units.map(path));
}

const Hatch = ({ id }) =>
  h(
    "pattern",
    { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    h("rect", { width: 6, height: 6, fill: "#f0f0f0" }),
    h("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: "#b4b4b4", strokeWidth: 2 }),
  );

/**
 * The chart. `periods` as choropleth_data makes them; `selected` names of units that filter the dashboard, `select` sets them (null where
 * nothing can be filtered); `isChosen` tells which units a filter let through.
 */
export function Choropleth({
  width,
  height,
  periods,
  level,
  calendar,
  look,
  facts,
  indicator,
  metricTitle,
  selected,
  select,
  isChosen,
  openMenu,
}) {
  const [starts, setStarts] = useState(null);
  const [pointed, point] = useState(null);
  const [hatch] = useState(() => `ioc-hatch-${(charts += 1)}`);
  const stayed = periods.findIndex((one) => one.starts === starts);
  const first = useMemo(() => firstPeriod(facts, indicator, calendar, periods), [facts, indicator, calendar, periods]);
  const index = stayed >= 0 ? stayed : first;
  const current = periods[index];
  const banner = useMemo(
    () => (current ? bannerOf(facts, indicator, calendar, current.starts, index >= first) : bannerOf(false)),
    [facts, indicator, calendar, current, index, first],
  );
  const said = bannerHeight(banner, width);
  const on = current && isoDay(lastDay(calendar, current.starts));
  const map = useMap(level, on);
  const shown = useMemo(() => current && shownPeriod(periods, index, look, banner.grey), [periods, index, look, banner.grey]);
  const beside = width < WIDE ? 0 : width < WIDER ? LEGEND_BESIDE : LEGEND_WHOLE;
  const lines = shown ? shown.classes.length + 5 : 0;
  const mapWidth = Math.max(80, width - beside);
  const mapHeight = Math.max(80, height - HEADER_HEIGHT - said - (beside ? 0 : Math.ceil(lines / 2) * LEGEND_LINE + 8));
  const drawn = useMemo(() => map && map.features.length > 0 && draw(map, mapWidth, mapHeight), [map, mapWidth, mapHeight]);

  if (!current) return h(Message, { width, height }, whyNoRows(facts, indicator, calendar));
  if (map === null) return h(Message, { width, height }, say("mapFailed"));
  if (map === undefined) return h(Message, { width, height }, say("waiting"));
  const periodWords = periodInWords(calendar, current, look);
  const header = h(
    PeriodHeader,
    {
      words: periodWords,
      older: index > 0 && (() => setStarts(periods[index - 1].starts)),
      newer: index < periods.length - 1 && (() => setStarts(periods[index + 1].starts)),
    },
    map.schematic && h("span", { className: "ioc-schematic", title: say("schematic") }, say("schematic").split(/ ?:/)[0]),
  );
  if (!drawn) {
    const body = h(Message, { width, height: height - HEADER_HEIGHT }, say("noShapes", { period: periodWords }));
    return h("div", { className: "ioc-choropleth", style: { width, height } }, header, body);
  }
  const withoutValue = drawn.units.filter((unit) => !shown.of.has(unit.unit_id));
  const asked = drawn.units.filter((unit) => isChosen(unit) || shown.of.has(unit.unit_id)).length;
  const covered = { received: drawn.units.length - withoutValue.length, expected: asked };
  const drawnIds = new Set(drawn.units.map((unit) => unit.unit_id));
  const lost = [...shown.of.keys()].filter((unitId) => !drawnIds.has(unitId)).length;
  const choose = (unit) => select && select(selected.includes(unit.name) ? [] : [unit.name]);
  return h(
    "div",
    {
      className: "ioc-choropleth",
      style: { width, height },
      "data-period": on,
      "data-state": banner.grey ? "grey" : "judged",
      "data-reason": banner.reason,
    },
    header,
    h(Banner, { banner, height: said }),
    h(
      "div",
      { className: beside ? "ioc-map-beside" : "ioc-map-above" },
      h(
        "svg",
        {
          width: mapWidth,
          height: mapHeight,
          viewBox: `0 0 ${mapWidth} ${mapHeight}`,
          role: "group",
          "aria-label": say("mapTitle", { metric: metricTitle, period: periodWords }),
          onContextMenu: openMenu && ((event) => openMenu(event, pointed && pointed.unit)),
        },
        h("desc", null, say("mapKeys")),
        h("defs", null, h(Hatch, { id: hatch })),
        h(Units, { drawn, shown, isChosen, selected, periodWords, hatch, choose, point, clear: () => select && select([]) }),
        drawn.outline && h("path", { d: drawn.outline, className: "ioc-outline" }),
      ),
      h(Legend, {
        unit: look.unit,
        classes: shown.classes,
        missing: withoutValue.filter(isChosen).length,
        excluded: withoutValue.filter((unit) => !isChosen(unit)).length,
        supply: [
          say("covered_units", covered),
          supplyLine(banner),
          sourcesInWords(look.sources),
        ].filter(Boolean),
        beside,
      }),
    ),
    lost > 0 && h("div", { className: "ioc-lost", role: "note" }, say("withoutShape", { count: lost })),
    pointed && h(Tip, { at: pointed.at, lines: linesOf(pointed.unit, shown, isChosen, periodWords), width, height }),
  );
}
