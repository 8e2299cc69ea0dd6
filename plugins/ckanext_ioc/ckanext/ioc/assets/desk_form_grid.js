// The form as a spreadsheet: one cell is active, keys move and type, a range is copied, pasted and cleared.
(function () {
  "use strict";
  var desk = window.iocDesk;

  // place: element to draw in; rows: desk.Rows; say(code, params); told(text): a message for the person. marks(r) → {c: {text, todo, warn}}.
  desk.Grid = function (place, rows, say, told, marksOf) {
    var table = document.createElement("table"), body = document.createElement("tbody");
    var at = {row: 0, column: 0}, from = {row: 0, column: 0}, editor = null, leaving = false;
    var self = this;
    self.moved = function () {};

    table.className = "ioc-grid";
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", say("grid"));
    table.appendChild(head());
    table.appendChild(body);
    place.appendChild(table);

    function head() {
      var line = document.createElement("tr"), top = document.createElement("thead"), corner = document.createElement("th");
      corner.textContent = "#";
      corner.setAttribute("aria-label", say("row_number"));
      line.appendChild(corner);
      rows.fields.forEach(function (field) {
        var cell = document.createElement("th"), small = document.createElement("small");
        cell.scope = "col";
        cell.textContent = field.title + (field.required ? " *" : "");
        small.textContent = [field.unit, field.hint].filter(Boolean).join(", ");
        if (small.textContent) { cell.appendChild(small); }
        line.appendChild(cell);
      });
      top.appendChild(line);
      return top;
    }
    function number(field) { return field.type === "integer" || field.type === "number"; }

    self.draw = function () {
      var n, made = document.createDocumentFragment();
      close(false);
      while (body.rows.length > rows.rows.length) { body.deleteRow(-1); }
      for (n = body.rows.length; n < rows.rows.length; n++) { made.appendChild(line(n)); }
      body.appendChild(made);
      rows.rows.forEach(function (row, r) { row.forEach(function (text, c) { fill(r, c, text); }); });
      self.mark();
      clamp();
      show();
    };
    function line(r) {
      var row = document.createElement("tr"), title = document.createElement("th");
      title.scope = "row";
      title.textContent = String(r + 1);
      row.appendChild(title);
      rows.fields.forEach(function (field, c) {
        var cell = document.createElement("td");
        cell.setAttribute("role", "gridcell");
        cell.tabIndex = -1;
        cell.dataset.column = String(c);
        if (number(field)) { cell.className = "ioc-number"; }
        row.appendChild(cell);
      });
      return row;
    }
    function td(r, c) { return body.rows[r] && body.rows[r].cells[c + 1]; }
    function fill(r, c, text) {
      var cell = td(r, c), label = desk.label(rows.choices[c], text), shown = label || text;
      if (cell.dataset.text === text) { return; }
      cell.dataset.text = text;
      cell.textContent = shown;
      if (label && label !== text) { var code = document.createElement("small"); code.textContent = " " + text; cell.appendChild(code); }
    }
    self.mark = function () {
      for (var r = 0; r < body.rows.length; r++) {
        var known = marksOf(r), bad = false;
        for (var c = 0; c < rows.fields.length; c++) {
          var cell = td(r, c), mark = known && known[c];
          cell.classList.toggle("ioc-cell-bad", !!mark && !mark.todo && !mark.warn);
          cell.classList.toggle("ioc-cell-todo", !!mark && !!mark.todo);
          cell.classList.toggle("ioc-cell-warn", !!mark && !!mark.warn);
          if (mark) { cell.title = mark.text; } else { cell.removeAttribute("title"); }
          if (mark && !mark.warn) { cell.setAttribute("aria-invalid", "true"); } else { cell.removeAttribute("aria-invalid"); }
          bad = bad || (!!mark && !mark.todo && !mark.warn);
        }
        var title = body.rows[r].cells[0], whole = known && known[-1];
        title.classList.toggle("ioc-row-bad", bad || (!!whole && !whole.warn));
        title.classList.toggle("ioc-row-warn", !bad && !!whole && !!whole.warn);
        if (whole) { title.title = whole.text; } else { title.removeAttribute("title"); }
      }
    };

    function clamp() {
      [at, from].forEach(function (spot) {
        spot.row = Math.max(0, Math.min(rows.rows.length - 1, spot.row));
        spot.column = Math.max(0, Math.min(rows.fields.length - 1, spot.column));
      });
    }
    function range() {
      return {top: Math.min(at.row, from.row), bottom: Math.max(at.row, from.row), left: Math.min(at.column, from.column), right: Math.max(at.column, from.column)};
    }
    function show() {
      var chosen = range(), before = body.querySelectorAll(".ioc-chosen, [tabindex='0']");
      before.forEach(function (cell) { cell.classList.remove("ioc-chosen"); cell.tabIndex = -1; cell.removeAttribute("aria-selected"); });
      if (chosen.top !== chosen.bottom || chosen.left !== chosen.right) {
        for (var r = chosen.top; r <= chosen.bottom; r++) {
          for (var c = chosen.left; c <= chosen.right; c++) { td(r, c).classList.add("ioc-chosen"); td(r, c).setAttribute("aria-selected", "true"); }
        }
      }
      if (td(at.row, at.column)) { td(at.row, at.column).tabIndex = 0; }
      self.moved(at);
    }
    self.go = function (row, column, stretch, quiet) {
      at = {row: row, column: column};
      if (!stretch) { from = {row: row, column: column}; }
      clamp();
      show();
      if (!quiet) { td(at.row, at.column).focus(); }
    };
    self.where = function () { return at; };
    self.chosen = range;

    function open(text, quick) {
      var cell = td(at.row, at.column), field = rows.fields[at.column], input = document.createElement("input"), choices = rows.choices[at.column];
      close(true);
      cell = td(at.row, at.column);
      input.type = "text";
      input.className = "ioc-cell-input";
      input.autocomplete = "off";
      input.setAttribute("aria-label", say("cell", {row: at.row + 1, column: field.title}));
      if (number(field)) { input.inputMode = field.type === "integer" ? "numeric" : "decimal"; }
      input.value = text;
      cell.textContent = "";
      delete cell.dataset.text;
      cell.classList.add("ioc-editing");
      cell.appendChild(input);
      editor = {input: input, row: at.row, column: at.column, quick: quick, list: null};
      if (choices) {
        editor.list = desk.list(input, choices, function (value) { input.value = value; keep(); move(1, 0); });
        if (!quick) { editor.list.open(); }
      }
      input.addEventListener("blur", function () { if (editor && editor.input === input) { close(true); } });
      input.focus();
      if (!quick) { input.select(); }
    }
    function close(keeps) {
      if (!editor) { return; }
      var done = editor, cell = td(done.row, done.column), text = done.input.value;
      var taken = done.list && done.list.marked();
      editor = null;
      if (done.list) { done.list.gone(); }
      if (!cell) { return; }
      cell.classList.remove("ioc-editing");
      delete cell.dataset.text;
      cell.textContent = "";
      fill(done.row, done.column, rows.rows[done.row][done.column]);
      if (keeps) { rows.write([[done.row, done.column, taken !== null && taken !== undefined && text.trim() ? taken : text]]); }
    }
    function keep() { if (editor) { if (editor.list) { editor.list.close(); } close(true); } }
    function move(down, right) {
      var row = at.row + down, column = at.column + right;
      if (column >= rows.fields.length) { column = 0; row++; }
      if (column < 0) { if (row === 0) { return false; } column = rows.fields.length - 1; row--; }
      if (row >= rows.rows.length && (down > 0 || right > 0)) {
        if (desk.isEmpty(rows.rows[rows.rows.length - 1], rows.fields)) { row = rows.rows.length - 1; }
        else if (!rows.insert(rows.rows.length, [rows.fresh()])) { told(say("too_many_rows", {most: rows.most})); return true; }
      }
      self.go(row, column);
      return true;
    }

    table.addEventListener("mousedown", function (event) {
      var cell = event.target.closest("td");
      if (!cell || (editor && cell.contains(editor.input))) { return; }
      event.preventDefault();
      close(true);
      self.go(cell.parentNode.rowIndex - 1, Number(cell.dataset.column), event.shiftKey);
    });
    table.addEventListener("dblclick", function (event) {
      if (event.target.closest("td") && !editor) { open(rows.rows[at.row][at.column], false); }
    });
    table.addEventListener("focusin", function (event) {
      var cell = event.target.closest("td");
      if (cell && event.target === cell && !editor) {
        var row = cell.parentNode.rowIndex - 1, column = Number(cell.dataset.column);
        if (row !== at.row || column !== at.column) { self.go(row, column, false, true); }
      }
    });
    table.addEventListener("keydown", function (event) {
      if (event.isComposing) { return; }
      if (editor) { editing(event); } else { walking(event); }
    });

    function editing(event) {
      var arrows = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]};
      if (event.key === "Escape") {
        if (editor.list && editor.list.key(event)) { event.preventDefault(); return; }
        event.preventDefault(); close(false); td(at.row, at.column).focus(); return;
      }
      if (editor.list && editor.list.key(event)) { return; }
      if (event.key === "Enter") { event.preventDefault(); close(true); move(event.shiftKey ? -1 : 1, 0); return; }
      if (event.key === "Tab") { event.preventDefault(); close(true); move(0, event.shiftKey ? -1 : 1); return; }
      if (editor.quick && arrows[event.key]) { event.preventDefault(); close(true); self.go(at.row + arrows[event.key][0], at.column + arrows[event.key][1]); }
    }
    function walking(event) {
      var control = event.ctrlKey || event.metaKey, key = event.key, page = 12, last = rows.rows.length - 1, wide = rows.fields.length - 1;
      var steps = {
        ArrowLeft: [at.row, at.column - 1], ArrowRight: [at.row, at.column + 1], ArrowUp: [at.row - 1, at.column], ArrowDown: [at.row + 1, at.column],
        PageUp: [at.row - page, at.column], PageDown: [at.row + page, at.column], Home: [control ? 0 : at.row, 0], End: [control ? last : at.row, wide]
      };
      if (key === "Escape") { leaving = true; told(say("leave")); return; }
      if (key === "Tab") {
        if (leaving) { leaving = false; return; }
        event.preventDefault();
        if (!move(0, event.shiftKey ? -1 : 1)) { return; }
        return;
      }
      leaving = false;
      if (steps[key]) { event.preventDefault(); self.go(steps[key][0], steps[key][1], event.shiftKey); return; }
      if (control && key.toLowerCase() === "z") { event.preventDefault(); if (event.shiftKey) { rows.redo(); } else { rows.undo(); } focus(); return; }
      if (control && key.toLowerCase() === "y") { event.preventDefault(); rows.redo(); focus(); return; }
      if (control && key.toLowerCase() === "d") { event.preventDefault(); down(); return; }
      if (control && key.toLowerCase() === "a") { event.preventDefault(); from = {row: 0, column: 0}; at = {row: last, column: wide}; show(); return; }
      if (control || event.altKey) { return; }
      if (key === "Enter") { event.preventDefault(); move(event.shiftKey ? -1 : 1, 0); return; }
      if (key === "F2") { event.preventDefault(); open(rows.rows[at.row][at.column], false); return; }
      if (key === "Delete" || key === "Backspace") { event.preventDefault(); clear(); return; }
      // The key itself goes on into the field, which now has the focus; so do keys of an input method.
      if (key.length === 1 || key === "Process") { open("", true); }
    }
    function focus() { clamp(); show(); td(at.row, at.column).focus(); }
    function cells() {
      var chosen = range(), found = [];
      for (var r = chosen.top; r <= chosen.bottom; r++) { for (var c = chosen.left; c <= chosen.right; c++) { found.push([r, c]); } }
      return found;
    }
    function clear() { rows.write(cells().map(function (cell) { return [cell[0], cell[1], ""]; })); }
    function down() {
      var top = range().top;
      rows.write(cells().map(function (cell) { return [cell[0], cell[1], rows.rows[top][cell[1]]]; }));
    }
    function copied() {
      var chosen = range();
      return desk.tabbed(rows.rows.slice(chosen.top, chosen.bottom + 1).map(function (row) { return row.slice(chosen.left, chosen.right + 1); }));
    }

    table.addEventListener("copy", function (event) { if (!editor) { event.preventDefault(); event.clipboardData.setData("text/plain", copied()); } });
    table.addEventListener("cut", function (event) { if (!editor) { event.preventDefault(); event.clipboardData.setData("text/plain", copied()); clear(); } });
    table.addEventListener("paste", function (event) {
      var text = (event.clipboardData || window.clipboardData).getData("text");
      if (editor && !/[\t\n]/.test(text.replace(/\s+$/, ""))) { return; }
      event.preventDefault();
      close(false);
      self.paste(text);
    });
    self.paste = function (text) {
      var chosen = range(), block = desk.block(text), wrong;
      if (!text.trim()) { return; }
      if (block.length === 1 && block[0].length === 1 && (chosen.top !== chosen.bottom || chosen.left !== chosen.right)) {
        rows.write(cells().map(function (cell) { return [cell[0], cell[1], block[0][0]]; }));
        return;
      }
      wrong = rows.paste(chosen.top, chosen.left, block);
      focus();
      if (wrong) { told(say(wrong.code, wrong), true); } else { told(say("pasted", {rows: block.length})); }
    };
    self.settle = function () { close(true); };
    self.gone = function () { close(true); table.remove(); };
    self.draw();
  };
})();
