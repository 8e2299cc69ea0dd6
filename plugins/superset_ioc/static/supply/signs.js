// The state of a report as a sign, a colour (by class) and words. A code is what the store wrote: punctuality (n s o l m e), quality
// (a r f -), z for a declaration of zero, and the hours after the due moment: "mf.74".
import { filled, shape } from "./element.js";

export const PUNCTUALITY = { not_due: "n", due_soon: "s", on_time: "o", late: "l", missing: "m", excused: "e" };
export const QUALITY = { accepted: "a", accepted_with_rejects: "r", refused: "f", none: "-" };
export const LETTERS = ["m", "l", "o", "s", "e", "n"];

const CHECK = "M3.5 8.5 6.5 11.5 12.5 4.5";
const DRAWN = {
  n: [["circle", { cx: 8, cy: 8, r: 5.5, class: "line", "stroke-dasharray": "2.2 2.2" }]],
  s: [["circle", { cx: 8, cy: 8, r: 6, class: "line" }], ["path", { d: "M8 4.5V8l2.5 1.8", class: "line" }]],
  o: [["path", { d: CHECK, class: "line" }]],
  l: [["circle", { cx: 8, cy: 8, r: 6, class: "line" }], ["path", { d: "M8 2a6 6 0 0 1 0 12z", class: "area" }]],
  m: [["path", { d: "M4 4 12 12M12 4 4 12", class: "line" }]],
  e: [["path", { d: "M5.5 3.5v9M10.5 3.5v9", class: "line" }]],
  z: [["ellipse", { cx: 8, cy: 8, rx: 4, ry: 5.5, class: "line" }]],
};

export function decode(code) {
  const [, punctuality, quality, zero, hours] = /^([nsolme])([arf-])([z.])(-?\d*)$/.exec(code);
  return { punctuality, quality, isZero: zero === "z", hours: hours === "" ? 0 : Number(hours) };
}

export function sign(letter, isZero = false) {
  const parts = DRAWN[isZero ? "z" : letter].map(([name, attributes]) => shape(name, attributes));
  return shape("svg", { class: "ioc-sign", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" }, ...parts);
}

export function lasted(hours, texts) {
  if (hours < 1) return texts.under_an_hour;
  return hours < 24 ? filled(texts.hours, { n: hours }) : filled(texts.days, { n: Math.floor(hours / 24) });
}

// One or two short lines for a cell.
export function shortWords(state, texts) {
  const { punctuality, quality, isZero, hours } = state;
  const late = (punctuality === "m" || punctuality === "l") && hours >= 1;
  const first = late ? filled(texts[`short_${punctuality}`], { for: lasted(hours, texts) }) : texts[`word_${punctuality}`];
  if (isZero) return [first, texts.zero];
  return quality === "r" || quality === "f" ? [first, texts[quality === "r" ? "rows_rejected" : "quality_f"]] : [first];
}

// All of it, for those who hear the page and for the drawer.
export function words(state, texts) {
  const { punctuality, quality, isZero, hours } = state;
  const late = punctuality === "m" || punctuality === "l";
  const first = late ? `${texts[`word_${punctuality}`]} ${lasted(hours, texts)}` : texts[`word_${punctuality}`];
  return `${first}, ${isZero ? texts.zero : texts[`quality_${quality}`]}`;
}
