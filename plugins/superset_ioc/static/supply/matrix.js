// The matrix: a table for each calendar, agencies with their datasets down, periods across; on a phone a list by agency.
import { counted, element, filled } from "./element.js";
import { decode, shortWords, sign, words } from "./signs.js";

const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
// A third of the reports missing is as dark as a cell gets.
const HEAVY = 300;
// Places in a group's counts: reports, expected, received, on_time, overdue, late, due_soon, excused, returned.
const [REPORTS, EXPECTED, RECEIVED, , OVERDUE, LATE, SOON, EXCUSED, RETURNED] = Array(9).keys();

export function showMatrix(place, board, texts, isPhone, handlers) {
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const moved = Object.fromEntries([...place.querySelectorAll(".ioc-scroll")].map((one) => [one.dataset.calendar, one.scrollLeft]));
  const opened = new Map([...place.querySelectorAll("details")].map((one) => [one.dataset.agency, one.open]));
  const parts = isPhone ? list(board, texts, handlers, opened) : board.sections.map((section) => table(section, texts, handlers));
  place.replaceChildren(...parts);
  const cells = [...place.querySelectorAll("td[data-key]")];
  const current = cells.find((cell) => cell.dataset.key === focused) ?? cells[0];
  if (current) current.tabIndex = 0;
  if (focused) [...place.querySelectorAll("[data-key]")].find((cell) => cell.dataset.key === focused)?.focus({ preventScroll: true });
  for (const one of place.querySelectorAll(".ioc-scroll")) {
    one.classList.toggle("ioc-fits", one.scrollWidth <= one.clientWidth);
    one.scrollLeft = moved[one.dataset.calendar] ?? one.scrollWidth;
  }
}

// Arrow keys go from cell to cell, over the ends of one calendar's table into the next; Home and End in the row, with Ctrl in all.
export function walk(place, event) {
  const cell = event.target.closest("td[data-key]");
  if (!cell || event.altKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    cell.click();
    return;
  }
  const rows = [...place.querySelectorAll("tr")].map((row) => [...row.querySelectorAll("td[data-key]")]).filter((row) => row.length);
  const down = rows.findIndex((row) => row.includes(cell));
  const next = target(event, rows, down, rows[down].indexOf(cell));
  if (!next) return;
  event.preventDefault();
  for (const one of place.querySelectorAll('td[tabindex="0"]')) one.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function target(event, rows, down, across) {
  if (event.key === "Home") return event.ctrlKey ? rows[0][0] : rows[down][0];
  if (event.key === "End") return event.ctrlKey ? rows.at(-1).at(-1) : rows[down].at(-1);
  const step = KEYS[event.key];
  if (!step || event.ctrlKey) return null;
  const row = rows[down + step[0]];
  return row ? row[Math.min(Math.max(across + step[1], 0), row.length - 1)] : null;
}

function notes(section, texts) {
  const said = [];
  if (section.is_cut) said.push(filled(texts.periods_cut, { n: section.periods.length }));
  if (section.is_counted) said.push(filled(texts.by_agency_only, { all: counted(section.obligations) }));
  else if (section.shown < section.of_all) said.push(filled(texts.rows_cut, { shown: section.shown, all: counted(section.of_all) }));
  return said.map((text) => element("p", { class: "ioc-note" }, text));
}

function table(section, texts, handlers) {
  const title = `ioc-calendar-${section.calendar}`;
  const columns = section.periods.map((one) => element("th", { scope: "col", title: one.title }, one.head[0], element("small", {}, one.head[1])));
  const rows = section.groups.flatMap((group) => (section.is_counted ? [countedRow(section, group, texts, handlers)] : datasetRows(section, group, texts, handlers)));
  const grid = element(
    "table",
    { role: "grid", "aria-labelledby": title, class: section.is_counted ? "ioc-counted" : null },
    element("thead", {}, element("tr", {}, element("th", { scope: "col", class: "ioc-name" }, section.is_counted ? texts.agency : texts.dataset), columns)),
    element("tbody", {}, rows),
  );
  const head = element("h2", { id: title }, section.title, " ", element("small", {}, filled(texts.datasets_of, { n: counted(section.obligations) })));
  const body = section.groups.length ? [element("div", { class: "ioc-scroll", "data-calendar": section.calendar, style: `--periods: ${section.periods.length}` }, grid)] : [element("p", { class: "ioc-note" }, texts.nothing_late)];
  return element("div", { class: "ioc-calendar" }, head, notes(section, texts), body);
}

function groupName(group, texts, handlers) {
  const late = group.overdue ? element("span", { class: "ioc-group-late ioc-state-m" }, sign("m"), `${counted(group.overdue)} ${texts.overdue.toLowerCase()}`) : null;
  return [element("button", { type: "button", class: "ioc-link", onclick: () => handlers.choose({ agency: group.name }) }, group.title), late];
}

function datasetRows(section, group, texts, handlers) {
  const head = element(
    "tr",
    { class: "ioc-group", "data-agency": group.name },
    element("th", { scope: "rowgroup", colspan: section.periods.length + 1 }, element("div", { class: "ioc-group-name" }, groupName(group, texts, handlers))),
  );
  const rows = group.datasets.map((dataset) =>
    element(
      "tr",
      { "data-obligation": dataset.obligation },
      element("th", { scope: "row", class: "ioc-name" }, dataset.title, element("small", {}, dataset.subsystem)),
      dataset.cells.map((code, place) => cell(code, dataset, group, section.periods[place], texts, handlers)),
    ),
  );
  return [head, ...rows];
}

const said = (state, dataset, group, period, texts) => `${group.title}, ${dataset.title}, ${period.title}: ${words(state, texts)}`;

function cell(code, dataset, group, period, texts, handlers) {
  if (!code) return element("td", { class: "ioc-nothing", title: texts.no_report });
  const state = decode(code);
  const [first, second] = shortWords(state, texts);
  return element(
    "td",
    {
      role: "gridcell",
      tabindex: -1,
      class: `ioc-cell ioc-state-${state.punctuality} ioc-quality-${state.quality === "-" ? "none" : state.quality}`,
      "data-key": `${dataset.obligation}/${period.period}`,
      "data-code": code,
      "aria-label": said(state, dataset, group, period, texts),
      title: `${period.title}: ${words(state, texts)}`,
      onclick: () => handlers.open(dataset.obligation, period.period),
    },
    sign(state.punctuality, state.isZero),
    element("span", {}, first),
    second ? element("small", {}, second) : null,
  );
}

function countedRow(section, group, texts, handlers) {
  return element(
    "tr",
    { "data-agency": group.name },
    element("th", { scope: "row", class: "ioc-name" }, element("div", { class: "ioc-group-name" }, groupName(group, texts, handlers))),
    group.counts.map((counts, place) => countedCell(counts, group, section.periods[place], texts, handlers)),
  );
}

function countedCell(counts, group, period, texts, handlers) {
  if (!counts) return element("td", { class: "ioc-nothing", title: texts.no_report });
  const state = worst(counts);
  const of = filled(texts.cell_of_agency, { received: counts[RECEIVED], expected: counts[EXPECTED] });
  const number = { m: OVERDUE, l: LATE, s: SOON, e: EXCUSED }[state];
  const what = number === undefined ? texts[`word_${state}`] : `${counted(counts[number])} ${texts[`word_${state}`].toLowerCase()}`;
  return element(
    "td",
    {
      role: "gridcell",
      tabindex: -1,
      class: `ioc-cell ioc-state-${state} ioc-quality-${counts[RETURNED] ? "f" : "none"}`,
      "data-key": `${group.name}/${period.period}`,
      style: state === "m" ? `--weight: ${Math.min(100, Math.round((HEAVY * counts[OVERDUE]) / counts[EXPECTED]))}%` : null,
      "aria-label": `${group.title}, ${period.title}: ${what}, ${of}`,
      title: `${period.title}: ${what}, ${of}`,
      onclick: () => handlers.choose({ agency: group.name }),
    },
    sign(state),
    element("span", {}, `${counted(counts[RECEIVED])}/${counted(counts[EXPECTED] || counts[REPORTS])}`),
    element("small", {}, what),
  );
}

export function worst(counts) {
  if (counts[OVERDUE]) return "m";
  if (counts[LATE]) return "l";
  if (counts[SOON]) return "s";
  if (counts[EXCUSED]) return "e";
  return counts[EXPECTED] ? "o" : "n";
}

// On a phone: one fold for each agency, worst first; within it each dataset with its periods, as signs with their dates.
function list(board, texts, handlers, opened) {
  const folds = board.rates.agency.map((agency) => {
    const within = board.sections.flatMap((section) => section.groups.filter((group) => group.name === agency.name).map((group) => blocks(section, group, texts, handlers)));
    if (!within.length) return null;
    const late = agency.overdue ? element("span", { class: "ioc-state-m" }, sign("m"), `${counted(agency.overdue)} ${texts.overdue.toLowerCase()}`) : element("span", { class: "ioc-state-o" }, sign("o"), texts.none_late);
    const of = element("span", { class: "ioc-fold-rate" }, `${counted(agency.received)}/${counted(agency.expected)}`);
    return element(
      "details",
      { "data-agency": agency.name, open: opened.get(agency.name) ?? agency.overdue > 0 },
      element("summary", {}, element("strong", {}, agency.title), element("span", { class: "ioc-fold-facts" }, late, of)),
      within,
    );
  });
  return folds.filter((fold) => fold);
}

function blocks(section, group, texts, handlers) {
  const strip = (chips) => element("div", { class: "ioc-chips" }, chips);
  if (section.is_counted) {
    const chips = group.counts.map((counts, place) => (counts ? chip(worst(counts), false, section.periods[place], `${counts[RECEIVED]}/${counts[EXPECTED]}`, group.name, () => handlers.choose({ agency: group.name })) : null));
    return element("div", { class: "ioc-block" }, element("h3", {}, section.title), strip(chips.filter((one) => one)));
  }
  return group.datasets.map((dataset) => {
    const chips = dataset.cells.map((code, place) => {
      if (!code) return null;
      const state = decode(code);
      const period = section.periods[place];
      const made = chip(state.punctuality, state.isZero, period, said(state, dataset, group, period, texts), dataset.obligation, () => handlers.open(dataset.obligation, period.period));
      made.classList.add(`ioc-quality-${state.quality === "-" ? "none" : state.quality}`);
      return made;
    });
    return element("div", { class: "ioc-block" }, element("h3", {}, dataset.title, element("small", {}, `${dataset.subsystem} · ${section.title}`)), strip(chips.filter((one) => one)));
  });
}

function chip(letter, isZero, period, label, owner, open) {
  return element("button", { type: "button", class: `ioc-chip ioc-state-${letter}`, "aria-label": label, "data-key": `${owner}/${period.period}`, onclick: open }, sign(letter, isZero), element("span", {}, period.head[0]));
}
