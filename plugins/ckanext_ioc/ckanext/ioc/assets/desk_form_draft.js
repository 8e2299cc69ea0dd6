// The draft of the form: saved by itself, kept in the browser until the portal has it, and what happens when two save at once.
(function () {
  "use strict";
  var desk = window.iocDesk, PAUSE = 1500;

  // An answer of the portal: resolves with its JSON; rejects with {status, error, …}, status 0 where the network is away.
  desk.ask = function (address, body, more) {
    var token = document.querySelector("meta[name=_csrf_token]");
    var headers = {Accept: "application/json"};
    if (body !== undefined) { headers["Content-Type"] = "application/json"; }
    if (token) { headers["X-CSRFToken"] = token.content; }
    return fetch(address, Object.assign({
      method: body === undefined ? "GET" : "POST", credentials: "same-origin", headers: headers,
      body: body === undefined ? undefined : JSON.stringify(body)
    }, more)).then(function (answer) {
      return answer.json().catch(function () { return {}; }).then(function (found) {
        // A 400 that is none of ours: the token against forged requests went with the session.
        if (answer.status === 400 && !found.error) { throw {status: 401}; }
        if (!answer.ok) { throw Object.assign({status: answer.status}, found); }
        return found;
      });
    }, function () { throw {status: 0}; });
  };

  // page {addresses, keep}; rows desk.Rows; begun: what form.json gave; hears {state(code, params), overtaken(answer), ended(), failed(answer)}
  desk.Draft = function (page, rows, begun, hears) {
    var self = this, timer = null, saving = null, stopped = false, savedRevision = 0;
    self.version = begun.version;
    self.basedOn = begun.based_on;

    function work(keeps) {
      return {
        version: self.version, based_on: self.basedOn, fields: begun.kept_fields, contract_version: begun.contract_version,
        rows: rows.sent(), keeps: !!keeps
      };
    }
    function inBrowser() {
      try {
        window.localStorage.setItem(page.keep, JSON.stringify({
          version: self.version, based_on: self.basedOn, names: begun.kept_fields.map(function (field) { return field.name; }),
          rows: rows.rows, at: Date.now()
        }));
      } catch (full) { hears.state("browser_full"); } // the portal's copy is the one that counts
    }
    self.fromBrowser = function () {
      try { return JSON.parse(window.localStorage.getItem(page.keep) || "null"); } catch (broken) { return null; }
    };
    self.forgetBrowser = function () { try { window.localStorage.removeItem(page.keep); } catch (closed) { /* nothing was kept there */ } };

    self.changed = function () {
      inBrowser();
      if (stopped) { return; }
      hears.state("unsaved");
      window.clearTimeout(timer);
      timer = window.setTimeout(function () { self.save(); }, PAUSE);
    };
    // Resolves once what the page shows now is saved.
    self.save = function (keeps) {
      window.clearTimeout(timer);
      if (saving) { return saving.then(function () { return self.save(keeps); }); }
      if (rows.revision === savedRevision && !keeps) { return Promise.resolve(); }
      var revision = rows.revision;
      hears.state("saving");
      saving = desk.ask(page.addresses.draft, work(keeps)).then(function (answer) {
        saving = null;
        self.version = answer.version;
        savedRevision = revision;
        if (rows.revision === revision) { self.forgetBrowser(); hears.state("saved", answer); } else { self.changed(); }
        return answer;
      }, function (answer) {
        saving = null;
        if (answer.overtaken) { stopped = true; hears.overtaken(answer); }
        else if (answer.status === 401) { hears.ended(answer); }
        else if (answer.status === 0 || answer.status >= 500) { hears.state("not_saved"); timer = window.setTimeout(function () { self.save(); }, 10 * PAUSE); }
        else { hears.failed(answer); }
        throw answer;
      });
      return saving;
    };
    // Goes on from a version that another saved; what stands there is kept beside when ours takes its place.
    self.goOn = function (version) { self.version = version; stopped = false; };
    self.accept = function (found) { self.version = found.version; self.basedOn = found.based_on; savedRevision = rows.revision; stopped = false; self.forgetBrowser(); };
    self.pending = function () { return rows.revision !== savedRevision; };
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden" && self.pending() && !stopped) { self.save().catch(function () { inBrowser(); }); }
    });
  };
})();
