// What is late in one sentence, the figures beside it, and both rates by agency and by subsystem.
import { counted, element, filled, share } from "./element.js";
import { sign } from "./signs.js";

const SHOWN = 8;
const NAMED = 6;

export function showNow(place, board, texts, choose) {
  const { totals } = board;
  const late = board.rates.agency.filter((one) => one.overdue);
  const owed = totals.reports + totals.older > 0;
  const parts = [];
  if (!owed) {
    parts.push(element("h2", { class: "ioc-now ioc-now-none" }, texts.nothing_owed), element("p", {}, texts.nothing_owed_more));
  } else if (totals.overdue) {
    const names = late.slice(0, NAMED).map((one) =>
      element("li", {}, element("button", { type: "button", onclick: () => choose({ agency: one.name }) }, one.title, " ", element("b", {}, counted(one.overdue)))),
    );
    if (late.length > NAMED) names.push(element("li", {}, filled(texts.others, { n: late.length - NAMED })));
    parts.push(
      element("h2", { class: "ioc-now ioc-now-late" }, sign("m"), filled(texts.overdue_now, { n: counted(totals.overdue) }), " ", filled(texts.of_agencies, { n: late.length })),
      element("ul", { class: "ioc-now-agencies" }, names),
    );
  } else {
    parts.push(element("h2", { class: "ioc-now ioc-now-good" }, sign("o"), texts.none_overdue));
  }
  if (totals.older) {
    const back = element("button", { type: "button", class: "ioc-link", onclick: () => choose({ from: board.options.month.at(-1)[0] }) }, texts.show_older);
    parts.push(element("p", { class: "ioc-now-older" }, filled(texts.older, { n: counted(totals.older) }), " ", back));
  }
  if (owed) parts.push(figures(totals, texts));
  if (totals.simulated) parts.push(element("p", { class: "ioc-now-simulated" }, filled(texts.simulated_some, { n: counted(totals.simulated), all: counted(totals.reports) })));
  place.replaceChildren(...parts);
}

function figures(totals, texts) {
  const figure = (name, value, beside, about = null, letter = "") =>
    element("div", { class: `ioc-now-figure${letter && value !== "0" ? ` ioc-state-${letter}` : ""}`, title: about }, element("dt", {}, name), element("dd", {}, element("strong", {}, value), beside ? element("span", {}, beside) : null));
  const of = (part) => `${counted(part)}/${counted(totals.expected)}`;
  return element(
    "dl",
    { class: "ioc-now-figures" },
    figure(texts.reporting, share(totals.received, totals.expected), of(totals.received), texts.reporting_about),
    figure(texts.timeliness, share(totals.on_time, totals.expected), of(totals.on_time), texts.timeliness_about),
    figure(texts.due_soon, counted(totals.due_soon), null, null, "s"),
    figure(texts.returned, counted(totals.returned), null, null, "m"),
    figure(texts.excused, counted(totals.excused), null, null, "e"),
  );
}

export function showRates(place, board, texts, choose, isOpen, toggle) {
  const { agency } = board.rates;
  // A subsystem of which nothing came due has no rate; the matrix still shows its datasets.
  const subsystem = board.rates.subsystem.filter((one) => one.expected > 0 || one.overdue > 0);
  const shown = isOpen ? agency : agency.slice(0, SHOWN);
  const more =
    agency.length > SHOWN ? element("button", { type: "button", class: "ioc-link", onclick: toggle }, isOpen ? texts.fewer : filled(texts.all_of_them, { n: agency.length })) : null;
  const parts = agency.length
    ? [
        element("div", { class: "ioc-rates" }, table(texts.by_agency, texts.agency, shown, texts, (name) => choose({ agency: name })), more),
        element("div", { class: "ioc-rates" }, table(texts.by_subsystem, texts.subsystem, subsystem, texts, (name) => choose({ subsystem: name }))),
      ]
    : [];
  place.replaceChildren(...parts);
}

function table(caption, first, rows, texts, open) {
  const head = [first, texts.reporting, texts.timeliness, texts.overdue].map((text, place) => element("th", { scope: "col", title: [null, texts.reporting_about, texts.timeliness_about, null][place] }, text));
  return element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, head)), element("tbody", {}, rows.map((row) => line(row, open))));
}

function line(row, open) {
  const rate = (part) =>
    element(
      "td",
      { class: "ioc-rate" },
      element("span", { class: "ioc-rate-share" }, share(part, row.expected)),
      element("span", { class: "ioc-rate-of" }, `${counted(part)}/${counted(row.expected)}`),
      element("meter", { min: 0, max: 1, value: row.expected ? part / row.expected : 0, "aria-hidden": "true" }),
    );
  const overdue = element("td", { class: row.overdue ? "ioc-rate-late ioc-state-m" : "ioc-rate-late" }, row.overdue ? sign("m") : null, counted(row.overdue));
  const name = element("th", { scope: "row" }, element("button", { type: "button", class: "ioc-link", onclick: () => open(row.name) }, row.title));
  return element("tr", { "data-name": row.name }, name, rate(row.received), rate(row.on_time), overdue);
}
