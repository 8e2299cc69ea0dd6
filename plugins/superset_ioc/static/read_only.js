// In the head of all of Superset's pages: what Superset would write for those who only read is not sent.
// On leaving a dashboard Superset writes the colours that its charts took into the dashboard, whoever reads it. The server refuses those who
// may not change dashboards; a visitor without an account was sent to the log-in for it, whatever link had been clicked.
(() => {
  "use strict";
  const COLOURS_OF_A_DASHBOARD = /^\/api\/v1\/dashboard\/[^/]+\/colors\/?$/;

  const pathOf = (resource) => new URL(typeof resource === "string" ? resource : resource.url || resource.href, window.location.href).pathname;

  /** Whether the page's own account may change dashboards, as Superset has written it into the page. */
  function mayChangeDashboards() {
    const { user } = JSON.parse(document.getElementById("app").dataset.bootstrap);
    return Object.values(user.roles || {}).some((permissions) => permissions.some(([may, what]) => may === "can_write" && what === "Dashboard"));
  }

  const fetchUnchanged = window.fetch;
  window.fetch = async (resource, options) => {
    const isWritten = ((options && options.method) || resource.method || "GET").toUpperCase() === "PUT";
    if (isWritten && COLOURS_OF_A_DASHBOARD.test(pathOf(resource)) && !mayChangeDashboards()) {
      return new Response(JSON.stringify({ result: {} }), { headers: { "Content-Type": "application/json" } });
    }
    return fetchUnchanged.call(window, resource, options);
  };
})();
