// The desk: checks a file or a pasted table before it is published, publishes it, follows its receipt.
// Without this script the same form still uploads and publishes; here nothing that was entered is ever lost.
(function () {
  "use strict";

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (all, name) { return name in values ? values[name] : all; });
  }

  // A table as spreadsheets put it on the clipboard: cells by tabs, rows by lines, a cell with either in double quotes.
  function table(text) {
    var rows = [[]], cell = "", quoted = false, i, letter;
    for (i = 0; i < text.length; i++) {
      letter = text[i];
      if (quoted) {
        if (letter !== '"') { cell += letter; } else if (text[i + 1] === '"') { cell += '"'; i++; } else { quoted = false; }
      } else if (letter === '"' && cell === "") { quoted = true;
      } else if (letter === "\t") { rows[rows.length - 1].push(cell); cell = "";
      } else if (letter === "\n" || letter === "\r") {
        if (letter === "\r" && text[i + 1] === "\n") { i++; }
        rows[rows.length - 1].push(cell); cell = ""; rows.push([]);
      } else { cell += letter; }
    }
    rows[rows.length - 1].push(cell);
    return rows.map(function (row) { return row.map(function (each) { return each.trim(); }); })
      .filter(function (row) { return row.some(function (each) { return each !== ""; }); })
      .map(function (row, number, all) { return even(row, all[0].length); });
  }

  // Spreadsheets leave out empty cells at the end of a row, or copy more than the table has.
  function even(row, width) {
    while (row.length < width) { row.push(""); }
    while (row.length > width && row[row.length - 1] === "") { row.pop(); }
    return row;
  }

  function Stopped(text, login) { this.text = text; this.login = login; }

  // Sends a request of this page; a session that was renewed in another tab is taken up with its new token.
  function send(form, address, body, accept, again) {
    var headers = {Accept: accept || "application/json", "X-CSRFToken": token(form).value};
    if (typeof body === "string") { headers["Content-Type"] = "application/json"; }
    if (body instanceof FormData) { body.set(token(form).name, token(form).value); }
    return fetch(address, {method: "POST", body: body, headers: headers, credentials: "same-origin"}).catch(function () {
      return unreadable(form).then(function (changed) { throw new Stopped(form.dataset[changed ? "sayFileChanged" : "sayNoNetwork"]); });
    }).then(function (answer) {
      var json = (answer.headers.get("Content-Type") || "").indexOf("json") >= 0;
      if (answer.ok || (json && answer.status !== 401)) { return answer; }
      if (again || answer.status === 413) { throw stopped(form, answer); }
      return renew(form).then(function () { return send(form, address, body, accept, true); });
    });
  }

  function stopped(form, answer) {
    if (answer.status === 413) { return new Stopped(fill(form.dataset.sayTooLarge, {limit: form.dataset.megabytes})); }
    if (answer.status === 401) { return new Stopped(form.dataset.saySessionEnded, true); }
    return new Stopped(fill(form.dataset.sayUnexpected, {status: answer.status}));
  }

  function token(form) { return form.querySelector("input[name=_csrf_token]"); }

  function renew(form) {
    return fetch(window.location.pathname, {credentials: "same-origin", headers: {Accept: "text/html"}}).then(function (answer) {
      if (!answer.ok) { throw stopped(form, answer); }
      return answer.text();
    }).then(function (html) {
      var page = new DOMParser().parseFromString(html, "text/html"), mine = page.querySelector("form[data-ioc-file] input[name=_csrf_token]");
      if (!mine) { throw new Stopped(form.dataset.saySessionEnded, true); }
      token(form).value = mine.value;
    }, function (error) { throw error instanceof Stopped ? error : new Stopped(form.dataset.sayNoNetwork); });
  }

  // A file that was saved again after it had been chosen can no longer be read by the browser.
  function unreadable(form) {
    var file = form.querySelector("input[type=file]").files[0];
    return file ? file.slice(0, 1).arrayBuffer().then(function () { return false; }, function () { return true; }) : Promise.resolve(false);
  }

  function Desk(form) {
    var find = function (name) { return form.querySelector("[data-ioc-" + name + "]"); };
    var input = form.querySelector("input[type=file]"), paste = form.querySelector("#desk-paste");
    var note = form.querySelector("#desk-note"), busy = find("busy"), result = find("result"), conflict = find("conflict");
    var publish = find("publish"), check = find("check"), dialog = find("confirm"), hint = find("publish-hint");
    var pasted = null, question = null, clock = null, asked = 0, checking = false;

    find("paste").hidden = false;
    find("pick").hidden = false;
    form.classList.add("ioc-scripted");
    hold(form.dataset.service !== "down");

    function based() { return form.querySelector("input[name=based_on]"); }
    function hold(held) { publish.disabled = held; hint.hidden = !held; }
    function chosen() { return pasted || input.files.length > 0; }
    // An answer about what was chosen before is thrown away when it comes: it says nothing of what is chosen now.
    function forget() { asked++; if (checking) { rested(); } result.replaceChildren(); conflict.replaceChildren(); question = null; hold(form.dataset.service !== "down"); }

    function say(text, login) {
      busy.replaceChildren();
      if (!text) { return; }
      var line = document.createElement("p");
      line.textContent = text;
      if (login) {
        var link = document.createElement("a");
        link.href = form.dataset.login; link.target = "_blank"; link.className = "btn btn-secondary btn-sm"; link.textContent = form.dataset.sayLogIn;
        line.append(" ", link);
        line.className = "ioc-mend";
      }
      busy.append(line);
    }

    function working(text) {
      var began = Date.now(), line;
      say(text);
      busy.append(Object.assign(document.createElement("progress"), {}));
      line = busy.querySelector("p");
      check.disabled = true; publish.disabled = true;
      clock = window.setInterval(function () { line.dataset.seconds = Math.round((Date.now() - began) / 1000) + " s"; }, 1000);
    }
    function rested() { window.clearInterval(clock); check.disabled = false; checking = false; }

    function fail(error) {
      rested();
      if (!(error instanceof Stopped)) { say(fill(form.dataset.sayUnexpected, {status: error && error.message || ""})); throw error; }
      var alert = document.createElement("p");
      say(error.text, error.login);
      alert = busy.querySelector("p");
      alert.className = "ioc-mend"; alert.setAttribute("role", "alert");
    }

    function tooLarge() {
      var limit = Number(form.dataset.megabytes);
      if (pasted || !input.files.length || !limit || input.files[0].size <= limit * 1048576) { return false; }
      fail(new Stopped(fill(form.dataset.sayTooLarge, {limit: limit})));
      return true;
    }

    function body(more) {
      if (pasted) { return JSON.stringify(Object.assign({header: pasted[0], rows: pasted.slice(1)}, more)); }
      var data = new FormData();
      data.set("upload", input.files[0]);
      Object.keys(more || {}).forEach(function (name) { data.set(name, more[name]); });
      return data;
    }

    function look() {
      if (!chosen()) { fail(new Stopped(form.dataset.sayCheckedNone)); (input.offsetParent ? input : paste).focus(); return; }
      if (tooLarge()) { return; }
      forget();
      var mine = asked;
      working(form.dataset.sayChecking);
      checking = true;
      send(form, form.dataset.check, body()).then(function (answer) {
        return answer.json().then(function (told) { if (mine === asked) { checked(answer, told); } });
      }).catch(function (error) { if (mine === asked) { fail(error); } });
    }

    function checked(answer, told) {
      rested();
      if (!answer.ok) {
        fail(new Stopped(told.error));
        hold(answer.status !== 503); // what cannot be checked now may still be delivered
        return;
      }
      say("");
      result.innerHTML = told.html;
      question = told.confirm;
      hold(told.state === "refused");
      if (told.state === "refused") { hint.hidden = true; }
      result.focus({preventScroll: true});
      if (told.state === "ok") { publish.scrollIntoView({block: "nearest"}); } else { result.scrollIntoView({block: "start"}); }
    }

    function hand() {
      if (!chosen()) { fail(new Stopped(form.dataset.sayCheckedNone)); return; }
      if (tooLarge()) { return; }
      conflict.replaceChildren();
      working(form.dataset.saySending);
      send(form, form.action, body({based_on: based().value, description: note.value})).then(function (answer) {
        return answer.json().then(function (told) {
          if (answer.ok) { window.location.hash = "bien-nhan"; window.location.reload(); return; }
          rested();
          publish.disabled = false;
          if (!told.html) { fail(new Stopped(told.error)); return; }
          say("");
          conflict.innerHTML = told.html;
          conflict.focus();
        });
      }).catch(function (error) { publish.disabled = false; fail(error); });
    }

    function rejected() {
      send(form, form.dataset.rejected, body(), "*/*").then(function (answer) {
        if (!answer.ok) { return answer.json().then(function (told) { throw new Stopped(told.error); }); }
        var name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "");
        return answer.blob().then(function (blob) {
          var link = document.createElement("a");
          link.href = URL.createObjectURL(blob); link.download = name ? name[1] : "dong-can-sua.xlsx";
          document.body.append(link); link.click(); link.remove();
          window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
        });
      }).catch(fail);
    }

    var none = find("chosen").textContent;
    function name() { find("chosen").textContent = input.files.length ? input.files[0].name : none; }
    function took() {
      pasted = null; paste.value = "";
      forget();
      name();
      say(input.files.length ? fill(form.dataset.sayChosen, {name: input.files[0].name}) : "");
    }
    if (input.files.length) { name(); } // browsers keep the choice when a page is loaded again

    input.addEventListener("change", took);
    paste.addEventListener("input", function () {
      var rows = table(paste.value);
      forget();
      pasted = rows.length > 1 ? rows : null;
      if (pasted) { input.value = ""; name(); }
      say(!rows.length ? "" : pasted ? fill(form.dataset.sayPasted, {rows: rows.length - 1, columns: rows[0].length}) : form.dataset.sayPasteOneLine);
    });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var by = event.submitter;
      if (by && by.matches("[data-ioc-rejected]")) { rejected(); return; }
      if (!by || by === check) { look(); return; }
      if (question) {
        dialog.querySelector("[data-ioc-confirm-text]").textContent = question;
        dialog.showModal();
      } else { hand(); }
    });
    find("yes").addEventListener("click", function () { dialog.close(); hand(); });
    find("no").addEventListener("click", function () { dialog.close(); result.focus(); });
    conflict.addEventListener("click", function (event) {
      if (!event.target.closest("[data-ioc-knowingly]")) { return; }
      based().value = conflict.querySelector("[data-based-on]").dataset.basedOn;
      hand();
    });
    drop(find("drop"), function (files) { input.files = files; took(); });
  }

  function drop(place, take) {
    var depth = 0;
    function over(event) { if (Array.from(event.dataTransfer.types).indexOf("Files") >= 0) { event.preventDefault(); } }
    place.addEventListener("dragenter", function (event) { over(event); depth++; place.classList.add("ioc-over"); });
    place.addEventListener("dragover", over);
    place.addEventListener("dragleave", function () { if (--depth <= 0) { depth = 0; place.classList.remove("ioc-over"); } });
    place.addEventListener("drop", function (event) {
      event.preventDefault();
      depth = 0;
      place.classList.remove("ioc-over");
      if (event.dataTransfer.files.length) { take(event.dataTransfer.files); }
    });
  }

  // Once the receipt is final, the report's state and its history are other ones. The form below stays as it is, with the file that it
  // was made for: another one that stands meanwhile is a conflict, which its reader must be told of.
  function settle() {
    return fetch(window.location.href, {credentials: "same-origin", headers: {Accept: "text/html"}})
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (html) {
        var page = new DOMParser().parseFromString(html, "text/html");
        ["[data-ioc-facts]", "#lich-su"].forEach(function (name) {
          var old = document.querySelector(name), found = page.querySelector(name);
          if (old && found) { old.replaceWith(document.importNode(found, true)); }
        });
      });
  }

  function printable(place) {
    place.querySelectorAll("[data-ioc-print]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { window.print(); });
    });
  }

  document.querySelectorAll("form[data-ioc-file]").forEach(Desk);
  document.querySelectorAll("[data-ioc-progress]").forEach(function (place) {
    printable(place);
    window.iocFollowReceipt(place, place.dataset.iocProgress, function () { printable(place); }, settle);
    if (window.location.hash === "#" + place.id) { place.focus(); }
  });
})();
