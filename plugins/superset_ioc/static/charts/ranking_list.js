// A ranking's bars, and the dialog with all of them where the chart has room for the first only.
import { say } from "./texts.js";

const React = window["__superset__/react"];
const h = React.createElement;

const MOST_LETTERS = 15;
/** Size of a bar's letters by the bar's height. */
const lettersOf = (size) => (size > 30 ? MOST_LETTERS : Math.min(13, size - 4));
/** Height of a bar in the dialog: a finger meets it. */
const BAR_OF_ALL = 32;
const LETTERS_OF_ALL = 14;

export function Bar({ bar, size, letters = lettersOf(size), target, selected, choose, openMenu, isNumbered = false }) {
  const chosen = selected.includes(bar.name);
  return h(
    "li",
    { style: { height: size } },
    h(
      "button",
      {
        type: "button",
        className: `ioc-bar${chosen ? " ioc-bar-chosen" : ""}${selected.length && !chosen ? " ioc-dimmed" : ""}`,
        "aria-pressed": chosen,
        "aria-label": bar.spoken,
        title: bar.spoken,
        onClick: () => choose(bar.name),
        onContextMenu: openMenu && ((event) => openMenu(event, bar.name)),
      },
      h("span", { className: "ioc-bar-name", style: { fontSize: letters } }, isNumbered ? `${bar.rank}. ${bar.name}` : bar.name),
      h(
        "span",
        { className: "ioc-bar-track" },
        h("span", { className: `ioc-bar-length ioc-bar-${bar.look}`, style: { width: `${100 * bar.share}%`, background: bar.colour || undefined } }),
        target !== null && h("span", { className: "ioc-bar-target", style: { left: `${100 * target}%` } }),
      ),
      h("span", { className: "ioc-bar-value", style: { fontSize: letters } }, bar.words),
    ),
  );
}

/** What a colour of the bars means. */
export const Look = ({ look, words }) =>
  h("span", { className: "ioc-ranking-look" }, h("span", { className: `ioc-bar-length ioc-bar-${look}` }), words);

const open = new Map(); // where the open list of a chart is scrolled to: a refresh of the dashboard makes its charts anew

/** Whether all bars of this chart are shown, also after a refresh, and what opens and closes them. */
export function useWholeList(chart) {
  const [isOpen, setOpen] = React.useState(open.has(chart));
  const show = () => {
    open.set(chart, 0);
    setOpen(true);
  };
  const close = () => {
    open.delete(chart);
    setOpen(false);
  };
  return [isOpen, show, close];
}

/**
 * All bars of the period in a dialog over the page; Esc, its button and a click beside it close it. A bar that is chosen filters the dashboard,
 * which is to be seen then: the dialog closes too.
 */
export function WholeList({ chart, title, words, drawn, about, selected, choose, close }) {
  const dialog = React.useRef(null);
  const list = React.useRef(null);
  React.useEffect(() => {
    dialog.current.showModal();
    list.current.scrollTop = open.get(chart) || 0;
  }, []);
  return h(
    "dialog",
    { ref: dialog, className: "ioc-ranking-all", "aria-label": `${title}: ${words}`, onClose: close, onClick: (event) => event.target === dialog.current && close() },
    h(
      "div",
      { className: "ioc-ranking-all-page" },
      h(
        "header",
        null,
        h("div", null, h("strong", null, title), h("span", null, words)),
        h("button", { type: "button", className: "ioc-ranking-close", onClick: close }, say("close")),
      ),
      h(
        "ol",
        { ref: list, className: "ioc-bars", "aria-label": words, onScroll: () => open.has(chart) && open.set(chart, list.current.scrollTop) },
        ...drawn.bars.map((bar) =>
          h(Bar, {
            key: bar.name,
            bar,
            size: BAR_OF_ALL,
            letters: LETTERS_OF_ALL,
            target: drawn.target,
            selected,
            isNumbered: true,
            choose: (name) => {
              choose(name);
              close();
            },
          }),
        ),
      ),
      h("footer", { className: "ioc-ranking-summary" }, ...drawn.looks.map((one) => h(Look, { key: one.look, ...one })), h("span", null, about)),
    ),
  );
}
