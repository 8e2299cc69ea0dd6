// The line over a chart of one period: which it is, buttons to the ones before and after, and words of the chart's own.
import { say } from "./texts.js";

const React = window["__superset__/react"];
const h = React.createElement;

export const HEADER_HEIGHT = 34;

const step = (label, sign, move) =>
  h("button", { type: "button", className: "ioc-step", "aria-label": label, title: label, disabled: !move, onClick: move || undefined }, sign);

export const PeriodHeader = ({ words, older, newer, children }) =>
  h(
    "div",
    { className: "ioc-map-header", style: { height: HEADER_HEIGHT } },
    step(say("previous"), "‹", older),
    h("strong", { className: "ioc-period", "aria-live": "polite" }, words),
    step(say("next"), "›", newer),
    children,
  );
