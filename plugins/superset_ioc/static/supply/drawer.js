// One report with its obligation: state, due moment, clause, steward, excuse, events, deliveries, and where they are in the portal.
import { counted, element, filled } from "./element.js";
import { PUNCTUALITY, QUALITY, sign, words } from "./signs.js";

export function fillDrawer(dialog, report, texts, close) {
  const state = { punctuality: PUNCTUALITY[report.punctuality], quality: QUALITY[report.quality], isZero: report.is_zero, hours: report.hours };
  const portal = { target: "_blank", rel: "noopener" };
  dialog.replaceChildren(
    element(
      "header",
      {},
      element("div", {}, element("p", { class: "ioc-drawer-of" }, `${report.agency} · ${report.period}`), element("h2", { id: "ioc-supply-drawer-title" }, report.dataset)),
      element("button", { type: "button", class: "ioc-drawer-close", "aria-label": texts.close, title: texts.close, onclick: close }, "×"),
    ),
    element("p", { class: `ioc-drawer-state ioc-state-${state.punctuality}` }, sign(state.punctuality, state.isZero), words(state, texts)),
    report.simulated ? element("p", { class: "ioc-drawer-simulated" }, texts.simulated) : "",
    element("dl", { class: "ioc-drawer-facts" }, facts(report, texts)),
    part(texts.clause, clause(report.clause, texts)),
    part(texts.events, report.events.length ? element("ol", { class: "ioc-drawer-events" }, report.events.map((one) => event(one, texts))) : element("p", {}, texts.no_events)),
    part(texts.deliveries, deliveries(report.deliveries, texts, portal)),
    element(
      "p",
      { class: "ioc-drawer-links" },
      report.links.delivery ? element("a", { href: report.links.delivery, ...portal }, texts.open_delivery) : null,
      element("a", { href: report.links.dataset, ...portal }, texts.open_dataset),
      element("a", { href: report.links.desk, ...portal }, texts.open_desk),
    ),
  );
}

export function sayInDrawer(dialog, message, texts, close) {
  dialog.replaceChildren(
    element("header", {}, element("h2", { id: "ioc-supply-drawer-title" }, message), element("button", { type: "button", class: "ioc-drawer-close", "aria-label": texts.close, onclick: close }, "×")),
  );
}

const part = (title, ...body) => element("section", {}, element("h3", {}, title), ...body);

function facts(report, texts) {
  const fact = (name, ...value) => [element("dt", {}, name), element("dd", {}, ...value)];
  const edition = report.edition ? ` · ${filled(texts.edition, { n: counted(report.edition) })}` : "";
  const [accepted, rejected] = report.rows;
  return [
    fact(texts.due_at, report.due_at, element("small", {}, report.due_rule)),
    fact(texts.received_at, report.received_at ? report.received_at + edition : texts.not_received),
    report.zero_by ? fact(texts.zero, filled(texts.declared_zero, { by: report.zero_by })) : [],
    accepted !== null && !report.is_zero ? fact(texts.rows, rowsOf(accepted, rejected, texts)) : [],
    report.units ? fact(texts.localities, `${report.units[0]}/${report.units[1]}`) : [],
    report.excuse ? fact(texts.excuse, filled(texts.excused_until, report.excuse), report.excuse.reason ? element("small", {}, filled(texts.reason, report.excuse)) : null) : [],
    fact(texts.steward, report.steward),
    fact(texts.subsystem, report.subsystem),
  ].flat();
}

const rowsOf = (accepted, rejected, texts) => filled(texts.rows_of, { accepted: counted(accepted ?? 0), rejected: counted(rejected ?? 0) });

function clause(told, texts) {
  if (!told) return element("p", {}, texts.clause_gone);
  return element(
    "blockquote",
    {},
    element("p", { class: "ioc-clause-title" }, told.title),
    element("p", {}, told.text),
    element("footer", {}, told.regulation, told.is_model ? element("small", {}, texts.model_regulation) : null),
  );
}

function event(one, texts) {
  const kind = one.kind === "accepted" && one.rejected ? "accepted_r" : one.kind;
  const what = filled(texts[`event_${kind}`], { n: counted(one.rejected), until: one.until });
  const more = [
    one.by ? filled(texts.by, { by: one.by }) : null,
    one.edition && kind !== "refused" ? filled(texts.edition, { n: counted(one.edition) }) : null,
    one.received_at && one.received_at !== one.at ? filled(texts.uploaded, { at: one.received_at }) : null,
    one.note || null,
  ];
  return element("li", { "data-kind": one.kind }, element("time", {}, one.at), element("span", {}, what), element("small", {}, more.filter((text) => text).join(" · ")));
}

function deliveries(told, texts, portal) {
  if (!told.length) return element("p", {}, texts.no_deliveries);
  const line = (one) =>
    element(
      "tr",
      {},
      element("td", {}, one.address ? element("a", { href: one.address, ...portal }, one.at) : one.at),
      element("td", {}, one.kind === "refused" ? texts.event_refused : one.kind === "zero" ? texts.event_zero : one.accepted === null || one.accepted === undefined ? texts.event_accepted : rowsOf(one.accepted, one.rejected, texts)),
      element("td", {}, one.edition ? filled(texts.edition, { n: counted(one.edition) }) : "–"),
    );
  const head = [texts.delivery, texts.result, texts.edition.replace("{n}", "").trim()].map((text) => element("th", { scope: "col" }, text));
  return element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, told.map(line)));
}
