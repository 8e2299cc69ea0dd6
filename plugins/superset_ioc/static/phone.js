// In the head of all of Superset's pages: their language, and dashboards on a phone.
// On a phone every chart of a dashboard gets a row of its own. Superset computes the widths of charts from the dashboard's layout, so the
// layout is changed where it arrives, before Superset reads it. Nothing is written back: the layout in the database stays.
(() => {
  "use strict";
  // Superset's pages do not say their language, which readers of screens and our style sheet ask for.
  document.documentElement.lang = document.currentScript.dataset.language;

  const NARROW = 768;
  const SHORT_SIDE_OF_A_PHONE = 500;
  const GRID_COLUMNS = 12;
  const DASHBOARD_PAGE = /^\/superset\/dashboard\/([^/]+)\/?$/;
  const DASHBOARD_ANSWER = /^\/api\/v1\/dashboard\/([^/]+)\/?$/;

  // The screen's shorter side counts too, so that a phone that is turned keeps its layout.
  const isPhone = () => window.innerWidth <= NARROW || Math.min(window.screen.width, window.screen.height) <= SHORT_SIDE_OF_A_PHONE;

  const isChart = (component) => component.type === "CHART" || component.type === "MARKDOWN";

  /** The whole width, and the height that the layout names for phones. */
  const phoneSize = (meta) => ({ ...meta, width: GRID_COLUMNS, height: meta.phoneHeight || meta.height });

  /** The layout with every row of several charts split into rows of one chart each. */
  function oneChartInARow(position) {
    const layout = { ...position };
    for (const row of Object.values(position)) {
      if (!row || row.type !== "ROW" || !row.children.every((id) => isChart(position[id]))) continue;
      const parent = row.parents[row.parents.length - 1];
      const rows = row.children.map((id, index) => {
        const name = index === 0 ? row.id : `${row.id}-${index}`;
        const chart = position[id];
        layout[name] = { ...row, id: name, children: [id] };
        layout[id] = { ...chart, parents: [...row.parents, name], meta: phoneSize(chart.meta) };
        return name;
      });
      const siblings = layout[parent].children;
      const place = siblings.indexOf(row.id);
      layout[parent] = { ...layout[parent], children: [...siblings.slice(0, place), ...rows, ...siblings.slice(place + 1)] };
    }
    return layout;
  }

  /** Whether this request asks for the layout of the dashboard that is open for reading. */
  function asksForLayout(resource, options) {
    const page = DASHBOARD_PAGE.exec(window.location.pathname);
    if (!page || !isPhone() || new URLSearchParams(window.location.search).get("edit") === "true") return false;
    if (((options && options.method) || resource.method || "GET").toUpperCase() !== "GET") return false;
    const address = new URL(typeof resource === "string" ? resource : resource.url || resource.href, window.location.href);
    const answer = DASHBOARD_ANSWER.exec(address.pathname);
    return Boolean(answer) && decodeURIComponent(answer[1]) === decodeURIComponent(page[1]);
  }

  const fetchUnchanged = window.fetch;
  window.fetch = async (resource, options) => {
    const answer = await fetchUnchanged.call(window, resource, options);
    if (!answer.ok || !asksForLayout(resource, options)) return answer;
    const content = await answer.clone().json();
    if (!content.result || !content.result.position_json) return answer;
    const position = oneChartInARow(JSON.parse(content.result.position_json));
    content.result.position_json = JSON.stringify(position);
    return new Response(JSON.stringify(content), { status: answer.status, headers: { "Content-Type": "application/json" } });
  };
})();
