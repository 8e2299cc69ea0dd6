// The form on a phone: one row at a time, its cells as labelled fields.
(function () {
  "use strict";
  var desk = window.iocDesk;

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  // As desk.Grid: same constructor, same methods.
  desk.Card = function (place, rows, say, told, marksOf) {
    var self = this, at = {row: 0, column: 0}, drawn = -1, inputs = [], lists = [];
    var card = element("div", "ioc-card"), bar = element("div", "ioc-card-bar"), fields = element("div", "ioc-card-fields");
    var back = element("button", "btn btn-secondary", "‹ " + say("previous")), on = element("button", "btn btn-secondary", say("next") + " ›");
    var jump = element("select", "form-select");
    self.moved = function () {};
    back.type = on.type = "button";
    jump.setAttribute("aria-label", say("jump"));
    bar.append(jump);
    card.append(bar, fields, element("div", "ioc-card-turn"));
    card.lastChild.append(back, on);
    place.appendChild(card);
    back.addEventListener("click", function () { turn(at.row - 1); });
    on.addEventListener("click", function () { turn(at.row + 1); });
    jump.addEventListener("change", function () { turn(Number(jump.value)); });

    function name(r) {
      var words = [];
      rows.fields.forEach(function (field, c) {
        var text = rows.rows[r][c];
        if (text && words.length < 2 && (rows.choices[c] || field.key) && !field.default) { words.push(desk.label(rows.choices[c], text) || text); }
      });
      return words.join(" · ");
    }
    function titles() {
      jump.textContent = "";
      rows.rows.forEach(function (row, r) {
        var known = marksOf(r) || {}, sign = Object.keys(known).some(function (c) { return !known[c].todo && !known[c].warn; }) ? "✕ " : "";
        var line = element("option", "", sign + say("card", {row: r + 1, rows: rows.rows.length}) + (name(r) ? ": " + name(r) : ""));
        line.value = String(r);
        jump.appendChild(line);
      });
      jump.value = String(at.row);
      back.disabled = at.row === 0;
      on.disabled = at.row >= rows.rows.length - 1;
    }
    function turn(r) {
      self.settle();
      at = {row: Math.max(0, Math.min(rows.rows.length - 1, r)), column: 0};
      draw();
      card.scrollIntoView({block: "nearest"});
    }
    function draw() {
      fields.textContent = "";
      lists.forEach(function (list) { if (list) { list.gone(); } });
      inputs = []; lists = [];
      drawn = at.row;
      rows.fields.forEach(function (field, c) { fields.appendChild(line(field, c)); });
      titles();
      self.mark();
    }
    function line(field, c) {
      var box = element("div", "ioc-field"), label = element("label", "", field.title + (field.required ? " *" : "")), input = element("input", "form-control");
      var id = "ioc-card-" + c, choices = rows.choices[c], row = at.row;
      label.htmlFor = id;
      input.id = id;
      input.type = "text";
      input.autocomplete = "off";
      if (field.type === "integer") { input.inputMode = "numeric"; } else if (field.type === "number") { input.inputMode = "decimal"; }
      input.value = shown(row, c);
      box.append(label, input, element("small", "ioc-card-hint", [field.unit, field.hint].filter(Boolean).join(", ")), element("p", "ioc-card-mark"));
      inputs[c] = input;
      lists[c] = choices ? desk.list(input, choices, function (value) { write(row, c, value); input.value = shown(row, c); lists[c].close(); }) : null;
      if (choices) {
        input.addEventListener("focus", function () { input.select(); lists[c].open(); });
        input.addEventListener("keydown", function (event) {
          if (lists[c].key(event)) { return; }
          if (event.key === "Enter" && lists[c].marked() !== null) { write(row, c, lists[c].marked()); input.value = shown(row, c); lists[c].close(); }
        });
      }
      input.addEventListener("focus", function () { at.column = c; self.moved(at); });
      input.addEventListener("blur", function () { if (lists[c]) { lists[c].close(); } take(row, c); });
      return box;
    }
    function shown(r, c) { return desk.label(rows.choices[c], rows.rows[r][c]) || rows.rows[r][c]; }
    function write(r, c, text) { rows.write([[r, c, text]]); }
    function take(r, c) { if (inputs[c] && rows.rows[r] && inputs[c].value !== shown(r, c)) { write(r, c, inputs[c].value); } }

    self.draw = function () {
      at.row = Math.min(at.row, rows.rows.length - 1);
      // The same row's fields stay as they are and get what they hold: the keyboard of a phone must not close.
      if (drawn === at.row) {
        inputs.forEach(function (input, c) { if (input !== document.activeElement) { input.value = shown(at.row, c); } });
        titles();
        self.mark();
      } else { draw(); }
    };
    self.mark = function () {
      var known = marksOf(at.row) || {};
      inputs.forEach(function (input, c) {
        var mark = known[c], text = input.parentNode.querySelector(".ioc-card-mark");
        text.textContent = mark ? mark.text : "";
        input.parentNode.className = "ioc-field" + (mark ? (mark.todo ? " ioc-todo" : mark.warn ? " ioc-warned" : " ioc-wrong") : "");
        if (mark && !mark.warn) { input.setAttribute("aria-invalid", "true"); } else { input.removeAttribute("aria-invalid"); }
      });
      titles();
    };
    self.go = function (row, column, stretch, quiet) {
      if (row !== at.row) { turn(row); }
      at.column = Math.max(0, column);
      if (!quiet && inputs[at.column]) { inputs[at.column].focus(); }
    };
    self.where = function () { return at; };
    self.chosen = function () { return {top: at.row, bottom: at.row, left: at.column, right: at.column}; };
    self.paste = function (text) {
      var wrong = rows.paste(at.row, 0, desk.block(text));
      if (wrong) { told(say(wrong.code, wrong), true); } else { told(say("pasted", {rows: desk.block(text).length})); }
    };
    self.settle = function () { inputs.forEach(function (input, c) { take(at.row, c); }); };
    self.gone = function () { self.settle(); lists.forEach(function (list) { if (list) { list.gone(); } }); card.remove(); };
    draw();
  };
})();
