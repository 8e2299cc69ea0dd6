// Asks for a receipt every two seconds while the delivery is being checked, and puts the new one in its place.
(function () {
  "use strict";
  var EVERY = 2000, PATIENCE = 900; // half an hour

  // `place` holds the receipt and its state; `shown` and `ended` are called when a new one is there, and when it is final.
  window.iocFollowReceipt = function (place, address, shown, ended) {
    var asked = 0;
    function again() { if (++asked < PATIENCE) { window.setTimeout(ask, EVERY); } }
    function ask() {
      fetch(address, {credentials: "same-origin", headers: {Accept: "application/json"}})
        .then(function (answer) { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); })
        .then(function (receipt) {
          if (receipt.at !== place.dataset.at || receipt.state !== place.dataset.state) {
            place.innerHTML = receipt.html;
            place.dataset.at = receipt.at;
            place.dataset.state = receipt.state;
            if (shown) { shown(); }
          }
          place.dataset.pending = receipt.pending ? "yes" : "no";
          if (receipt.pending) { again(); } else if (ended) { ended(); }
        })
        .catch(again);
    }
    if (place.dataset.pending === "yes") { again(); }
  };

  document.querySelectorAll("[data-ioc-receipt]").forEach(function (place) {
    window.iocFollowReceipt(place, place.dataset.iocReceipt);
  });
})();
