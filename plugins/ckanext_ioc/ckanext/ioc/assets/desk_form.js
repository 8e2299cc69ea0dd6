// The form of a report: puts together its rows, its grid or card, the check while one types, the draft, publishing.
(function () {
  "use strict";
  var desk = window.iocDesk, PAUSE = 700, SHOWN = 100, PHONE = "(max-width: 640px)";

  function start(place) {
    var page = JSON.parse(place.dataset.iocForm);
    desk.ask(page.addresses.form).then(function (begun) { new Form(place, page, begun); }, function (answer) {
      var line = place.querySelector("[data-loading]");
      line.className = "ioc-mend";
      line.textContent = answer.error || page.texts.not_loaded;
      if (answer.log_in) { line.append(" ", login(page)); }
    });
  }
  function login(page) {
    var link = document.createElement("a");
    link.href = page.addresses.log_in + "?came_from=" + encodeURIComponent(window.location.pathname + window.location.search);
    link.textContent = page.texts.log_in;
    return link;
  }

  function Form(place, page, begun) {
    var rows, view, draft, ofCell = false, marks = {}, timer = null, asked = 0, last = null, phone = window.matchMedia(PHONE);
    function part(name) { return place.querySelector("[data-part=" + name + "]"); }
    function say(code, params) {
      return (page.texts[code] || code).replace(/\{(\w+)\}/g, function (all, name) { return params && params[name] !== undefined ? params[name] : all; });
    }
    function told(text, bad) { ofCell = false; part("told").textContent = text; part("told").classList.toggle("ioc-bad", !!bad); }
    // What is wrong with the active cell stands there until one leaves it; other messages stay.
    function toldOf(at) {
      if (phone.matches) { return; } // a card says it at its field
      var mark = marks[at.row] && (marks[at.row][at.column] || marks[at.row][-1]);
      if (mark) { told(mark.text, !mark.todo && !mark.warn); ofCell = true; } else if (ofCell) { told(""); }
    }

    begin(begun);
    function begin(found) {
      begun = found;
      begun.fields.forEach(function (field) { field.hint = field.written || field.help || ""; });
      rows = new desk.Rows(found.fields, found.units_of, found.rows, found.most_rows);
      if (!rows.rows.length) { rows.rows = [rows.fresh(), rows.fresh(), rows.fresh()]; }
      rows.changed = changed;
      draft = new desk.Draft(page, rows, found, {state: state, overtaken: overtaken, ended: ended, failed: failed});
      marks = {};
      part("saved").textContent = found.saved || say("not_begun");
      notices(found.notices || []);
      versions(found.versions);
      part("body").hidden = false;
      place.querySelector("[data-loading]").hidden = true;
      draw();
      first();
      restored();
      checkSoon();
    }
    // The first cell that waits for a figure.
    function first() {
      for (var r = 0; r < rows.rows.length; r++) {
        var c = rows.rows[r].findIndex(function (text, n) { return text === "" && begun.fields[n].required; });
        if (c >= 0) { view.go(r, c, false, true); return; }
      }
    }
    function draw() {
      var where = view ? view.where() : {row: 0, column: 0};
      if (view) { view.gone(); }
      view = new (phone.matches ? desk.Card : desk.Grid)(part("grid"), rows, say, told, function (r) { return marks[r]; });
      view.moved = toldOf;
      view.go(where.row, where.column, false, true);
      tools();
    }
    phone.addEventListener("change", draw);

    // What the browser kept because the portal could not be reached: taken up where it was left.
    function restored() {
      var kept = draft.fromBrowser(), names = begun.fields.map(function (field) { return field.name; });
      if (!kept) { return; }
      var order = names.map(function (name) { return kept.names.indexOf(name); });
      var found = kept.rows.map(function (row) { return order.map(function (n) { return n < 0 ? "" : row[n]; }); });
      if (JSON.stringify(found) === JSON.stringify(rows.rows)) { draft.forgetBrowser(); return; }
      draft.version = kept.version;
      rows.replace(found);
      notice("hint", say("restored", {when: new Date(kept.at).toLocaleString(document.documentElement.lang || "vi")}));
    }

    function changed(kind) {
      if (kind === "rows") { marks = {}; }
      view.draw();
      tools();
      draft.changed();
      checkSoon();
    }
    function tools() {
      part("undo").disabled = !rows.canUndo();
      part("redo").disabled = !rows.canRedo();
      part("count").textContent = say("rows", {rows: rows.rows.filter(function (row) { return !desk.isEmpty(row, rows.fields); }).length});
    }

    // ---- the check
    function checkSoon() { window.clearTimeout(timer); timer = window.setTimeout(function () { check().catch(function () {}); }, PAUSE); }
    function check() {
      var mine = ++asked, revision = rows.revision;
      window.clearTimeout(timer);
      if (rows.rows.every(function (row) { return desk.isEmpty(row, rows.fields); })) { last = null; marks = {}; view.mark(); summary(null); return Promise.resolve(null); }
      part("check").textContent = say("checking");
      return desk.ask(page.addresses.check, {fields: begun.kept_fields, rows: rows.sent()}).then(function (answer) {
        if (mine !== asked || revision !== rows.revision) { return answer; }
        last = answer;
        last.revision = revision;
        marked(answer);
        summary(answer);
        return answer;
      }, function (answer) {
        if (mine === asked) { part("check").textContent = answer.status === 401 ? "" : answer.error || say("not_checked"); }
        if (answer.status === 401) { ended(answer); }
        throw answer;
      });
    }
    function column(name) { return begun.fields.findIndex(function (field) { return field.name === name; }); }
    function marked(answer) {
      marks = {};
      answer.warnings.forEach(function (found) { put(found, true); });
      answer.problems.forEach(function (found) { put(found, false); });
      view.mark();
      view.moved(view.where());
      function put(found, warn) {
        if (found.row === null || !rows.rows[found.row]) { return; }
        var places = marks[found.row] = marks[found.row] || {};
        places[column(found.column)] = {text: found.text, todo: found.todo, warn: warn};
      }
    }
    function summary(answer) {
      var list = part("problems"), bad = [], todo = 0;
      list.textContent = "";
      if (!answer) { part("check").textContent = ""; part("check").className = ""; return; }
      answer.problems.forEach(function (found) { if (found.todo) { todo++; } else { bad.push(found); } });
      var words = [];
      if (bad.length) { words.push(say("bad", {count: Math.max(bad.length, answer.problems_total - todo)})); }
      if (todo) { words.push(say("todo", {count: todo})); }
      if (!words.length && answer.state === "refused") { words.push(answer.refusal); }
      if (!words.length) { words.push(say("good", {rows: answer.accepted})); }
      part("check").textContent = words.join(" ");
      part("check").className = bad.length || (answer.state === "refused" && !todo) ? "ioc-bad" : todo ? "ioc-watch" : "ioc-good";
      bad.slice(0, SHOWN).forEach(function (found) { list.appendChild(problem(found, "ioc-bad")); });
      answer.warnings.slice(0, SHOWN).forEach(function (found) { list.appendChild(problem(found, "ioc-watch")); });
    }
    function problem(found, colour) {
      var line = document.createElement("li"), button = document.createElement("button"), field = begun.fields[column(found.column)];
      button.type = "button";
      button.className = "btn btn-link";
      button.textContent = found.row === null ? say("whole") : say("place", {row: found.row + 1, column: field ? field.title : say("row")});
      button.addEventListener("click", function () { view.go(found.row || 0, Math.max(0, column(found.column))); });
      line.className = colour;
      line.append(button, " ", found.text);
      return line;
    }

    // ---- what the draft tells
    function state(code, answer) {
      part("saved").textContent = code === "saved" ? answer.saved : say(code);
      part("saved").classList.toggle("ioc-bad", code === "not_saved");
      if (answer && answer.versions) { versions(answer.versions); }
    }
    function notice(level, text) {
      var line = document.createElement("p");
      line.className = "ioc-notice ioc-line-" + (level === "hint" ? "grey" : level);
      line.textContent = text;
      part("notices").appendChild(line);
      return line;
    }
    function notices(found) { part("notices").textContent = ""; found.forEach(function (one) { notice(one.level, one.text); }); }
    function button(text, does, plain) {
      var made = document.createElement("button");
      made.type = "button";
      made.className = plain ? "btn btn-link" : "btn btn-secondary";
      made.textContent = text;
      made.addEventListener("click", does);
      return made;
    }
    function ended() {
      if (place.querySelector(".ioc-ended")) { return; }
      state("in_browser");
      var line = notice("bad", say("session_ended") + " ");
      line.classList.add("ioc-ended");
      line.append(login(page));
    }
    function failed(answer) { state("not_saved"); told(answer.error || say("not_saved"), true); }
    function overtaken(answer) {
      var line = notice("bad", answer.error + " "), actions = document.createElement("span");
      state("overtaken_state");
      versions(answer.versions);
      actions.className = "ioc-actions";
      actions.append(
        button(say("look_theirs"), function () { look(answer.current); }),
        button(say("take_theirs"), function () { take(answer.current, answer.version, false).then(function () { line.remove(); }); }),
        button(say("keep_mine"), function () { draft.goOn(answer.version); draft.save(true).then(function () { line.remove(); }, function () {}); })
      );
      line.append(actions);
      line.scrollIntoView({block: "center"});
    }

    // ---- versions kept beside
    function versions(found) {
      var list = part("versions");
      part("versions-box").hidden = !found.length;
      list.textContent = "";
      found.forEach(function (one) {
        var line = document.createElement("li");
        line.append(one.text + " ", button(say("look"), function () { look(one.id); }, true), button(say("take"), function () { take(one.id, draft.version, true); }, true));
        list.appendChild(line);
      });
    }
    function version(id) { return desk.ask(page.addresses.version + id).catch(function (answer) { told(answer.error || say("not_loaded"), true); throw answer; }); }
    function look(id) {
      version(id).then(function (found) {
        var table = document.createElement("table"), head = table.createTHead().insertRow(), body = table.createTBody();
        table.className = "table table-sm ioc-version";
        found.header.forEach(function (field) { var cell = document.createElement("th"); cell.textContent = field.title; head.appendChild(cell); });
        found.rows.forEach(function (row) { var line = body.insertRow(); row.forEach(function (text) { line.insertCell().textContent = text; }); });
        part("look-title").textContent = found.text;
        part("look-table").textContent = "";
        part("look-table").appendChild(table);
        part("look").showModal();
      }, function () {});
    }
    function take(id, version_, keeps) {
      return version(id).then(function (found) {
        var order = begun.fields.map(function (field) { return found.header.findIndex(function (one) { return one.name === field.name; }); });
        var next = found.rows.map(function (row) { return order.map(function (n) { return n < 0 ? "" : row[n]; }); });
        if (!keeps) { draft.goOn(version_); }
        rows.replace(next);
        return draft.save(keeps);
      });
    }

    // ---- tools
    part("add").addEventListener("click", function () {
      view.settle();
      if (!rows.insert(rows.rows.length, [rows.fresh()])) { told(say("too_many_rows", {most: rows.most}), true); return; }
      view.go(rows.rows.length - 1, 0);
    });
    part("copy").addEventListener("click", function () {
      view.settle();
      var chosen = view.chosen(), given = rows.rows.slice(chosen.top, chosen.bottom + 1);
      if (!rows.insert(chosen.bottom + 1, given)) { told(say("too_many_rows", {most: rows.most}), true); return; }
      view.go(chosen.bottom + 1, view.where().column);
    });
    part("remove").addEventListener("click", function () {
      var chosen = view.chosen();
      rows.remove(chosen.top, chosen.bottom);
      told(say("removed", {rows: chosen.bottom - chosen.top + 1}));
      view.go(Math.min(chosen.top, rows.rows.length - 1), view.where().column);
    });
    // Rows that were filled in beforehand and got no figure: nothing beside their key.
    part("unfilled").addEventListener("click", function () {
      view.settle();
      var next = rows.rows.filter(function (row) { return row.some(function (text, n) { return text !== "" && !begun.fields[n].key && !rows.choices[n] && text !== begun.fields[n].default; }); });
      told(say("removed", {rows: rows.rows.length - next.length}));
      rows.replace(next);
    });
    part("undo").addEventListener("click", function () { view.settle(); rows.undo(); });
    part("redo").addEventListener("click", function () { rows.redo(); });
    part("paste").addEventListener("click", function () { part("paste-text").value = ""; part("paste-box").showModal(); part("paste-text").focus(); });
    part("paste-put").addEventListener("click", function () { part("paste-box").close(); view.paste(part("paste-text").value); });
    place.querySelectorAll("dialog [data-close]").forEach(function (closing) {
      closing.addEventListener("click", function () { closing.closest("dialog").close(); });
    });
    part("restart").addEventListener("click", function () { part("restart-box").showModal(); });
    part("restart-sure").addEventListener("click", function () {
      part("restart-box").close();
      draft.save().catch(function () {}).then(function () { return desk.ask(page.addresses.discard, {}); }).then(function (found) {
        draft.forgetBrowser();
        begin(found);
      }, function (answer) { told(answer.error || say("not_loaded"), true); });
    });
    window.addEventListener("beforeunload", function (event) { if (draft.pending() && !published) { event.preventDefault(); } });

    // ---- publishing
    var published = false, basedOn = null;
    part("publish").addEventListener("click", function () {
      view.settle();
      part("publish").disabled = true;
      draft.save().then(check).then(function (answer) { part("publish").disabled = false; confirm(answer); }, function () { part("publish").disabled = false; });
    });
    function confirm(answer) {
      var text = part("publish-text"), go = part("publish-go");
      basedOn = null;
      text.textContent = "";
      go.disabled = !answer || answer.state === "refused" || answer.accepted === 0;
      go.textContent = answer && answer.rejected ? say("publish_anyway", {rejected: answer.rejected}) : say("publish");
      if (!answer) { line(say("empty")); }
      else if (answer.state === "refused") { line(answer.refusal); }
      else {
        line(say("publish_rows", {rows: answer.accepted}));
        if (answer.rejected) { line(say("publish_rejected", {rejected: answer.rejected})); }
      }
      part("publish-box").showModal();
      function line(words) { var made = document.createElement("p"); made.textContent = words; text.appendChild(made); }
    }
    part("publish-go").addEventListener("click", function () {
      var go = part("publish-go"), body = {version: draft.version, description: part("note").value};
      go.disabled = true;
      if (basedOn !== null) { body.based_on = basedOn; }
      desk.ask(page.addresses.publish, body).then(function (answer) {
        published = true;
        draft.forgetBrowser();
        window.location.assign(answer.page);
      }, function (answer) {
        go.disabled = !answer.conflict;
        part("publish-text").textContent = answer.error || say("not_saved");
        if (answer.conflict) { basedOn = answer.based_on; go.textContent = say("replace_theirs"); }
        if (answer.status === 401) { part("publish-box").close(); ended(answer); }
      });
    });
  }

  document.querySelectorAll("[data-ioc-form]").forEach(start);
  document.querySelectorAll("[data-ioc-dialog]").forEach(function (opening) {
    var dialog = document.getElementById(opening.dataset.iocDialog);
    opening.addEventListener("click", function () { dialog.showModal(); });
    dialog.querySelectorAll("[data-close]").forEach(function (closing) { closing.addEventListener("click", function () { dialog.close(); }); });
  });
  document.querySelectorAll("[data-ioc-copy]").forEach(function (copying) {
    copying.addEventListener("click", function () {
      var source = document.getElementById(copying.dataset.iocCopy), said = copying.textContent;
      navigator.clipboard.writeText(source.textContent).then(function () {
        copying.textContent = copying.dataset.done;
        window.setTimeout(function () { copying.textContent = said; }, 2000);
      }, function () { window.getSelection().selectAllChildren(source); }); // without a secure address: marked, to be copied by keys
    });
  });
})();
