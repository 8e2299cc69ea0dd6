// Controls of our charts in Superset's chart editor.
import { say } from "./texts.js";

const CALENDARS = [
  "day",
  "week",
  "month",
  "quarter",
  "year",
  "administrative-month",
  "administrative-quarter",
  "administrative-year",
  "school-year",
];

const choice = (name, kind, names, initial, redraws = true) => ({
  name,
  config: {
    type: "SelectControl",
    label: say(`control_${name}`),
    choices: names.map((one) => [one, kind ? say(`${kind}_${one}`) : String(one)]),
    default: initial,
    clearable: false,
    renderTrigger: redraws,
  },
});

export const calendar = () => choice("calendar", "calendar", CALENDARS, "month");
export const level = () => choice("level", "level", ["commune", "district"], "commune", false);
export const direction = () => choice("direction", "direction", ["up", "down", "none"], "none");
export const classes = () => choice("classes", null, [2, 3, 4, 5, 6, 7], 5);
export const decimals = () => choice("decimals", null, [0, 1, 2, 3, 4], 1);

const written = (name, key) => ({ name, config: { type: "TextControl", label: say(`control_${key}`), default: "", renderTrigger: true } });

const hidden = (name, initial) => ({ name, config: { type: "HiddenControl", default: initial, hidden: true } });

export const unit = () => written("unit", "unit");
export const indicator = () => written("indicator", "indicator");
export const amber = () => written("amber", "amber");
export const status = () => choice("status", "status", ["official", "preliminary", "estimate"], "official");
export const note = () => written("n_note", "note");

export const proposed = () => ({
  name: "target_proposed",
  config: { type: "CheckboxControl", label: say("control_proposed"), default: false, renderTrigger: true },
});

/** Superset's own control for one metric, under another name and not required. */
const another = (shared, name, key) => ({
  name,
  config: { ...shared.metric, label: say(`control_${key}`), description: undefined, default: null, validators: [] },
});

export const targetMetric = (shared) => another(shared, "target_metric", "target");
export const numeratorMetric = (shared) => another(shared, "numerator_metric", "numerator");
export const denominatorMetric = (shared) => another(shared, "denominator_metric", "denominator");

export const shaded = () => choice("shaded", null, [0, 3, 5, 7, 10, 14, 21], 7);
export const aligned = () => choice("aligned", "aligned", ["year", "tet"], "year");

/** The control panel of scores: their lines are written by the contract, and kept as they are by whoever changes the chart. */
export const linesPanel = () => ({
  controlPanelSections: [
    { label: say("section_figure"), expanded: true, controlSetRows: [["adhoc_filters"], [hidden("lines", [])]] },
    { label: say("section_look"), expanded: true, tabOverride: "data", controlSetRows: [[calendar()]] },
  ],
  controlOverrides: { adhoc_filters: { label: say("control_filters") } },
});

/** The column that the parts of a ranking are taken from. */
export const group = (shared) => ({
  name: "group",
  config: { ...shared.entity, label: say("control_group"), description: undefined, default: null, multi: false, freeForm: false },
});

/** The control panel of a chart: what is asked of the store, then how it is shown. */
export const panel = (asked, shown) => ({
  controlPanelSections: [
    { label: say("section_figure"), expanded: true, controlSetRows: [["metric"], ...asked.map((one) => [one]), ["adhoc_filters"]] },
    { label: say("section_look"), expanded: true, tabOverride: "data", controlSetRows: shown.map((one) => [one]) },
  ],
  controlOverrides: { metric: { label: say("control_metric") }, adhoc_filters: { label: say("control_filters") } },
});

/** The control panel of a chart that shows rows and no figure. */
export const panelOfRows = (asked, shown) => ({
  controlPanelSections: [
    { label: say("section_figure"), expanded: true, controlSetRows: [...asked.map((one) => [one]), ["adhoc_filters"]] },
    { label: say("section_look"), expanded: true, tabOverride: "data", controlSetRows: shown.map((one) => [one]) },
  ],
  controlOverrides: { adhoc_filters: { label: say("control_filters") } },
});
