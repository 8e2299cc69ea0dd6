// Asks for the receipt every two seconds while the delivery is being checked, and puts the new one in its place.
(function () {
  "use strict";
  var EVERY = 2000, PATIENCE = 900; // half an hour

  function watch(place) {
    var asked = 0;
    function again() { if (++asked < PATIENCE) { window.setTimeout(ask, EVERY); } }
    function ask() {
      fetch(place.dataset.iocReceipt, {credentials: "same-origin", headers: {Accept: "application/json"}})
        .then(function (answer) { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); })
        .then(function (receipt) {
          if (receipt.at !== place.dataset.at || receipt.state !== place.dataset.state) {
            place.innerHTML = receipt.html;
            place.dataset.at = receipt.at;
            place.dataset.state = receipt.state;
          }
          place.dataset.pending = receipt.pending ? "yes" : "no";
          if (receipt.pending) { again(); }
        })
        .catch(again);
    }
    if (place.dataset.pending === "yes") { again(); }
  }

  document.querySelectorAll("[data-ioc-receipt]").forEach(watch);
})();
