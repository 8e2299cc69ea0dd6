// The supply board: what the address narrows is asked of the server, shown, and asked again every half minute while somebody looks.
import { fillDrawer, sayInDrawer } from "./drawer.js";
import { element, filled } from "./element.js";
import { showMatrix, walk } from "./matrix.js";
import { showNow, showRates } from "./rates.js";
import { LETTERS, sign } from "./signs.js";

const REFRESH = 30_000;
const FILTERS = ["subsystem", "agency", "calendar", "from", "to", "late"];
const page = document.getElementById("ioc-supply");
const texts = JSON.parse(page.dataset.texts);
const dialog = document.querySelector(".ioc-supply-drawer");
const form = page.querySelector("form");
const phone = window.matchMedia("(max-width: 768px)");
const find = (name) => page.querySelector(`.ioc-supply-${name}`);

let board = null;
let asked = new AbortController();
let timer = 0;
let allAgencies = false;
let opener = null;
let opening = new AbortController();

const address = () => new URLSearchParams(window.location.search);

function filters() {
  const wanted = new URLSearchParams();
  for (const name of FILTERS) if (address().get(name)) wanted.set(name, address().get(name));
  return wanted;
}

function go(changes, { replace = false } = {}) {
  const next = address();
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  window.history[replace ? "replaceState" : "pushState"](null, "", window.location.pathname + (text ? `?${text}` : ""));
}

function choose(changes) {
  go(changes);
  load();
}

async function fetched(path, signal) {
  const answer = await fetch(path, { signal, headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (answer.status === 401) window.location.reload();
  const told = await answer.json().catch((problem) => {
    if (signal.aborted) throw problem; // no answer at all, rather than one that cannot be read
    return { message: texts.failed };
  });
  if (!answer.ok) throw Object.assign(new Error(told.message ?? texts.failed), { told: true });
  return told;
}

async function load() {
  window.clearTimeout(timer);
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  page.setAttribute("aria-busy", "true");
  try {
    board = await fetched(`/ioc/supply/board.json?${filters()}`, signal);
    show();
    say("");
  } catch (problem) {
    if (signal.aborted) return;
    say(board && !problem.told ? filled(texts.not_refreshed, { at: board.now }) : problem.told ? problem.message : texts.failed);
    if (!board) find("now").replaceChildren();
    form.querySelector("[type=reset]").hidden = !filters().size;
  } finally {
    if (!signal.aborted) {
      page.removeAttribute("aria-busy");
      timer = window.setTimeout(() => (document.hidden ? null : load()), REFRESH);
    }
  }
}

function say(problem) {
  const place = find("problem");
  place.textContent = problem;
  place.hidden = !problem;
}

function show() {
  find("updated").textContent = `${filled(texts.updated, { at: board.now })} · ${texts.refreshes}`;
  showNow(find("now"), board, texts, choose);
  showFilters();
  showRates(find("rates"), board, texts, choose, allAgencies, () => {
    allAgencies = !allAgencies;
    show();
  });
  showMatrix(find("matrix"), board, texts, phone.matches, { choose, open });
  if (!board.sections.length && filters().size) find("matrix").replaceChildren(element("p", { class: "ioc-note" }, texts.nothing_found));
  find("legend").hidden = !board.sections.length;
}

function showFilters() {
  const { agency, subsystem, calendar, month } = board.options;
  for (const [name, options] of Object.entries({ agency, subsystem, calendar, from: month, to: month })) {
    const select = form.elements[name];
    const wanted = address().get(name) ?? "";
    const all = [["", select.dataset.all], ...options];
    if (wanted && !options.some(([value]) => value === wanted)) all.push([wanted, wanted]);
    const text = JSON.stringify(all);
    if (select.dataset.options !== text) {
      select.replaceChildren(...all.map(([value, title]) => element("option", { value }, title)));
      select.dataset.options = text;
    }
    if (document.activeElement !== select || select.value !== wanted) select.value = wanted;
  }
  form.elements.late.value = address().get("late") ?? "";
  form.querySelector("[type=reset]").hidden = !filters().size;
}

function showLegend() {
  const entry = (mark, name, about) => element("li", {}, mark, element("b", {}, name), about ? ` ${about}` : "");
  const states = LETTERS.map((letter) => entry(element("span", { class: `ioc-legend-sign ioc-state-${letter}` }, sign(letter)), texts[`word_${letter}`], texts[`about_${letter}`]));
  const corner = (letter) => element("span", { class: `ioc-legend-sign ioc-cell ioc-quality-${letter}` });
  states.push(entry(corner("r"), "", texts.about_r), entry(corner("f"), "", texts.about_f), entry(element("span", { class: "ioc-legend-sign" }, sign("o", true)), "", texts.about_z));
  find("legend").replaceChildren(element("h2", {}, texts.legend), element("ul", {}, states), element("p", { class: "ioc-keys" }, texts.keys));
}

async function open(obligation, period) {
  opener = document.activeElement;
  go({ obligation, period });
  await showReport();
}

// What is opened last is shown: the answer of a report that was closed or left meanwhile may come after it.
async function showReport() {
  opening.abort();
  opening = new AbortController();
  const { signal } = opening;
  const obligation = address().get("obligation");
  const period = address().get("period");
  if (!obligation || !period) {
    if (dialog.open) dialog.close();
    return;
  }
  sayInDrawer(dialog, texts.loading, texts, close);
  if (!dialog.open) dialog.showModal();
  try {
    const report = await fetched(`/ioc/supply/report.json?${new URLSearchParams({ obligation, period })}`, signal);
    fillDrawer(dialog, report, texts, close);
  } catch (problem) {
    if (signal.aborted) return;
    sayInDrawer(dialog, problem.told ? problem.message : texts.failed, texts, close);
  }
  dialog.querySelector(".ioc-drawer-close").focus();
}

function close() {
  dialog.close();
}

dialog.addEventListener("close", () => {
  if (dialog.open) return; // told after it was opened again
  opening.abort();
  if (address().get("obligation")) go({ obligation: "", period: "" }, { replace: true });
  const key = opener?.dataset?.key;
  const back = key ? [...page.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key) : opener;
  back?.focus({ preventScroll: true });
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) close(); // beside what it shows
});
form.addEventListener("change", (event) => choose({ [event.target.name]: event.target.value }));
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  choose(Object.fromEntries(FILTERS.map((name) => [name, ""])));
});
find("matrix").addEventListener("keydown", (event) => walk(find("matrix"), event));
find("print").addEventListener("click", () => window.print());
window.addEventListener("popstate", () => {
  load();
  showReport();
});
document.addEventListener("visibilitychange", () => (document.hidden ? null : load()));
phone.addEventListener("change", () => (board ? show() : null));

showLegend();
load();
showReport();
