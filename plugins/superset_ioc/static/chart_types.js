// In the head of all of Superset's pages: the charts of a dashboard wait for the chart types that were added.
// When the charts of a dashboard arrive, Superset decides which of them filter which others, by what is registered of their types then. A
// chart whose type is registered later would filter every chart of the dashboard, itself too: figures that do not know the filter would
// go empty. Superset loads the added types beside the dashboard and does not wait for them, so that the answer is held back here.
(() => {
  "use strict";
  const LIST_OF_TYPES = "/dynamic-plugins/api/read";
  const CHARTS_OF_A_DASHBOARD = /^\/api\/v1\/dashboard\/[^/]+\/charts\/?$/;
  const LONGEST = 20_000; // milliseconds; a dashboard is shown without its added types rather than not at all

  let registered;
  const typesAreThere = new Promise((resolve) => {
    registered = resolve;
  });

  const pathOf = (resource) => new URL(typeof resource === "string" ? resource : resource.url || resource.href, window.location.href).pathname;

  /** Waits for the modules that Superset begins to load when it has this answer; the browser loads each of them once. */
  async function awaitModules(answer) {
    try {
      const { result } = await answer.json();
      await Promise.allSettled(result.map((type) => import(type.bundle_url)));
    } finally {
      registered();
    }
  }

  const fetchUnchanged = window.fetch;
  window.fetch = async (resource, options) => {
    const answer = await fetchUnchanged.call(window, resource, options);
    const path = pathOf(resource);
    if (path === LIST_OF_TYPES) awaitModules(answer.clone());
    if (CHARTS_OF_A_DASHBOARD.test(path)) {
      await Promise.race([typesAreThere, new Promise((resolve) => window.setTimeout(resolve, LONGEST))]);
    }
    return answer;
  };
})();
