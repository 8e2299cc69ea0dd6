// The page of a user's access tokens: what is ticked can be revoked, and an empty list says so.
(function () {
  "use strict";
  var table = document.getElementById("api-tokens-table"), button = document.getElementById("revoke-tokens-button");
  if (!table || !button) { return; }
  var none = document.querySelector("[data-ioc-no-token]");

  function offer() {
    button.disabled = !table.querySelector("[name=token]:checked");
    none.hidden = Boolean(table.querySelector("tbody tr"));
  }

  table.addEventListener("change", offer);
  new MutationObserver(offer).observe(table, {childList: true, subtree: true}); // CKAN puts new tokens in and takes revoked ones out
})();
