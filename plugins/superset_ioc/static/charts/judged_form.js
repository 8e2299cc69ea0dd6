// What a chart that holds a figure against its target is told by its form: which metrics it asks for, and how it is judged.

import { levelsOf } from "./levels.js";

const core = window["__superset__/@superset-ui/core"];

const label = (metric) => (metric ? core.getMetricLabel(metric) : null);

/** Metrics to ask for: the figure, its target and, of a share, what it is made of. */
export const askedMetrics = (form) => [form.metric, form.target_metric, form.numerator_metric, form.denominator_metric, form.firmness_metric].filter(Boolean);

/** Names of those metrics in the answer. */
export const metricsOf = (form) => ({
  value: label(form.metric),
  target: label(form.target_metric),
  numerator: label(form.numerator_metric),
  denominator: label(form.denominator_metric),
  firmness: label(form.firmness_metric),
  isCount: Boolean(form.is_count),
});

/** How the figure is written and judged. */
export const judgedLook = (form) => ({
  unit: form.unit || "",
  decimals: Number(form.decimals ?? 1),
  direction: form.direction || "none",
  amber: form.amber === undefined || form.amber === null || form.amber === "" ? null : Number(form.amber),
  amberShare: Number(form.amber_share) || null,
  paced: Boolean(form.target_paced),
  scale: Number(form.scale || 100),
  levels: levelsOf(form),
});

const NO_SOURCES = [];

/** Publications that the figures are taken from, each as {vi, en, fr, path}. */
export const sourcesOf = (form) => (Array.isArray(form.sources) ? form.sources : NO_SOURCES);

/** The indicator that the chart shows, and its number for whoever counts refreshes. */
export const identity = (form) => ({ indicator: form.indicator || null, chart: form.slice_id || form.indicator });
