// The rows of the form: cells, undo, a block pasted from a spreadsheet. Knows nothing of the page.
(function () {
  "use strict";
  var desk = window.iocDesk = window.iocDesk || {};
  var MOST_STEPS = 200;

  desk.folded = function (text) {
    return String(text).normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase().replace(/\s+/g, " ").trim();
  };

  // [[value, label], …] of a field that is chosen from a list, null of one that is written; units: field's name → its units.
  desk.choices = function (field, units) {
    if (field.options && field.options.length) { return field.options; }
    return units && units[field.name] && units[field.name].length ? units[field.name] : null;
  };

  // The code of what was typed or pasted: a label or "code · label" becomes its code, anything else stays as it is.
  desk.coded = function (choices, text) {
    var plain = text.trim(), wanted = desk.folded(plain), found = null, times = 0;
    if (!choices || !plain) { return plain; }
    for (var n = 0; n < choices.length; n++) {
      if (choices[n][0] === plain || plain === choices[n][0] + " · " + choices[n][1]) { return choices[n][0]; }
      if (desk.folded(choices[n][1]) === wanted) { found = choices[n][0]; times++; }
    }
    return times === 1 ? found : plain;
  };

  desk.label = function (choices, value) {
    var found = (choices || []).find(function (choice) { return choice[0] === value; });
    return found ? found[1] : "";
  };

  // A block as spreadsheets copy it: tabs between cells, quotes round a cell with a line end.
  desk.block = function (text) {
    var rows = [[]], cell = "", quoted = false, at = 0;
    var letters = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    function end() { rows[rows.length - 1].push(cell.trim()); cell = ""; }
    for (; at < letters.length; at++) {
      var letter = letters[at];
      if (quoted) {
        if (letter === '"' && letters[at + 1] === '"') { cell += '"'; at++; } else if (letter === '"') { quoted = false; } else { cell += letter; }
      } else if (letter === '"' && cell === "") { quoted = true;
      } else if (letter === "\t") { end();
      } else if (letter === "\n") { end(); rows.push([]);
      } else { cell += letter; }
    }
    end();
    return rows;
  };

  desk.tabbed = function (rows) {
    return rows.map(function (row) {
      return row.map(function (cell) { return /[\t\n"]/.test(cell) ? '"' + cell.replace(/"/g, '""') + '"' : cell; }).join("\t");
    }).join("\n");
  };

  desk.isEmpty = function (row, fields) {
    return row.every(function (cell, n) { return cell.trim() === "" || cell === (fields[n].default || ""); });
  };

  desk.Rows = function (fields, units, rows, most) {
    var self = this, past = [], future = [];
    self.fields = fields;
    self.most = most;
    self.choices = fields.map(function (field) { return desk.choices(field, units); });
    self.revision = 0;
    self.changed = function () {};

    self.fresh = function () { return fields.map(function (field) { return field.default || ""; }); };
    self.rows = rows.map(function (row) { return row.some(Boolean) ? row : self.fresh(); });
    // As the portal gets them: a row in which nothing was written is empty, whatever new rows begin with.
    self.sent = function () {
      return self.rows.map(function (row) { return desk.isEmpty(row, fields) ? row.map(function () { return ""; }) : row; });
    };

    // Every step puts new arrays in the place of old ones, so that undo only takes the old ones back.
    function step(next, kind) {
      past.push(self.rows);
      if (past.length > MOST_STEPS) { past.shift(); }
      future = [];
      put(next, kind);
    }
    function put(next, kind) { self.rows = next; self.revision++; self.changed(kind); }

    self.write = function (cells) {
      var next = self.rows.slice(), touched = {};
      cells.forEach(function (cell) {
        var row = cell[0];
        if (!touched[row]) { touched[row] = true; next[row] = next[row].slice(); }
        next[row][cell[1]] = desk.coded(self.choices[cell[1]], cell[2]);
      });
      if (cells.some(function (cell) { return next[cell[0]][cell[1]] !== self.rows[cell[0]][cell[1]]; })) { step(next, "cells"); }
    };
    self.insert = function (at, given) {
      if (self.rows.length + given.length > most) { return false; }
      step(self.rows.slice(0, at).concat(given, self.rows.slice(at)), "rows");
      return true;
    };
    self.remove = function (from, to) {
      var next = self.rows.slice(0, from).concat(self.rows.slice(to + 1));
      step(next.length ? next : [self.fresh()], "rows");
    };
    self.replace = function (next) { step(next.length ? next : [self.fresh()], "rows"); };
    self.undo = function () { if (past.length) { future.push(self.rows); put(past.pop(), "rows"); } };
    self.redo = function () { if (future.length) { past.push(self.rows); put(future.pop(), "rows"); } };
    self.canUndo = function () { return past.length > 0; };
    self.canRedo = function () { return future.length > 0; };

    // Puts a block at a cell. A first line that names our columns tells the order. Gives null, or what is wrong with it.
    self.paste = function (row, column, block) {
      var order = header(block[0]), wide, next, n;
      if (order) { block = block.slice(1); column = 0; }
      wide = block.reduce(function (most, line) { return Math.max(most, line.length); }, 0);
      if (row + block.length > most) { return {code: "paste_rows", rows: block.length, most: most}; }
      if (!order && column + wide > fields.length) { return {code: "paste_columns", columns: wide, left: fields.length - column}; }
      next = self.rows.slice();
      for (n = 0; n < block.length; n++) {
        var line = next[row + n] ? next[row + n].slice() : self.fresh();
        block[n].forEach(function (cell, place) {
          var target = order ? order[place] : column + place;
          if (target !== undefined && target >= 0) { line[target] = desk.coded(self.choices[target], cell); }
        });
        next[row + n] = line;
      }
      if (block.length) { step(next, "rows"); }
      return null;
    };
    function header(line) {
      var order = line.map(function (cell) {
        var wanted = desk.folded(cell);
        return fields.findIndex(function (field) { return wanted && (wanted === desk.folded(field.name) || wanted === desk.folded(field.title)); });
      });
      var known = order.filter(function (place) { return place >= 0; });
      return known.length >= 2 && known.length === line.filter(function (cell) { return cell.trim(); }).length ? order : null;
    }
  };
})();
