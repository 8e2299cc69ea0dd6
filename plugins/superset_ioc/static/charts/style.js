// The style of our charts, loaded once with the first of them.
const NAME = "ioc-charts-style";

export function loadStyle() {
  if (document.getElementById(NAME)) return;
  const link = document.createElement("link");
  Object.assign(link, { id: NAME, rel: "stylesheet", href: new URL("./charts.css", import.meta.url).href });
  document.head.append(link);
}
