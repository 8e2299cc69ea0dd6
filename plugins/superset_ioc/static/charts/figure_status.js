// How firm figures are: an estimate, preliminary or official, and which publications they are taken from.
import { figure, period } from "./figures.js";
import { language, say } from "./texts.js";

/** Least firm first, as datasets/model/figure_status.py has them; the metric of the store counts from 1. */
export const STATUSES = ["estimate", "preliminary", "official"];

/** The status in a row of the answer; null when the rows do not say it. */
export function statusIn(row, metric) {
  const place = metric ? figure(row[metric]) : null;
  return place === null ? null : STATUSES[place - 1] || null;
}

/** What may be said of figures of several statuses; null when none says it. */
export const leastFirm = (statuses) => STATUSES.find((status) => statuses.includes(status)) || null;

/** "sơ bộ"; null for official figures, of which nothing is said beside the figure. */
export const statusInWords = (status) => (status && status !== "official" ? say(`status_${status}`) : null);

/** "tháng 10/2026 (sơ bộ)": a period {starts, status} as a chart of one period names it; `status` of the look where its rows say none. */
export function periodInWords(calendar, { starts, status }, look) {
  const said = statusInWords(status || look.status);
  return said ? `${period(calendar, starts)} (${said})` : period(calendar, starts);
}

/** "Nguồn: Niên giám thống kê 2024"; null without a source. */
export function sourcesInWords(sources) {
  const titles = sources.map((source) => source[language()] || source.vi).filter(Boolean);
  return titles.length ? say("source", { sources: titles.join("; ") }) : null;
}
