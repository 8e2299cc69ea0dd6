// What can be chosen below a field of the form: found by code or by name, with or without marks.
(function () {
  "use strict";
  var desk = window.iocDesk, MOST_SHOWN = 60, made = 0;

  // choices [[value, label]]; picked(value) is called for a choice. Gives {close, open, key(event) → whether it was ours}.
  desk.list = function (input, choices, picked) {
    var box = document.createElement("ul"), shown = [], at = -1;
    box.className = "ioc-choices";
    box.id = "ioc-choices-" + (++made);
    box.setAttribute("role", "listbox");
    box.hidden = true;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", box.id);
    input.setAttribute("aria-expanded", "false");
    input.parentNode.appendChild(box);

    function fill(all) {
      var wanted = all ? "" : desk.folded(input.value);
      shown = choices.filter(function (choice) {
        return !wanted || desk.folded(choice[1]).indexOf(wanted) >= 0 || choice[0].toLowerCase().indexOf(wanted) === 0;
      }).slice(0, MOST_SHOWN);
      box.textContent = "";
      shown.forEach(function (choice, n) {
        var line = document.createElement("li"), code = document.createElement("small");
        line.id = box.id + "-" + n;
        line.setAttribute("role", "option");
        line.textContent = choice[1] + " ";
        code.textContent = choice[0];
        line.appendChild(code);
        // mousedown, because the field loses its focus before a click ends
        line.addEventListener("mousedown", function (event) { event.preventDefault(); picked(choice[0]); });
        box.appendChild(line);
      });
      mark(all ? choices.findIndex(function (choice) { return choice[0] === desk.coded(choices, input.value); }) : shown.length && wanted ? 0 : -1);
      box.hidden = !shown.length;
      input.setAttribute("aria-expanded", String(!box.hidden));
      place();
    }
    function place() {
      var field = input.getBoundingClientRect(), below = window.innerHeight - field.bottom;
      box.style.minWidth = Math.max(field.width, 220) + "px";
      box.style.left = Math.max(4, Math.min(field.left, window.innerWidth - Math.max(field.width, 220) - 8)) + "px";
      box.style.maxHeight = Math.max(120, Math.min(260, (below > 160 ? below : field.top) - 12)) + "px";
      if (below > 160) { box.style.top = field.bottom + "px"; box.style.bottom = "auto"; } else { box.style.top = "auto"; box.style.bottom = (window.innerHeight - field.top) + "px"; }
    }
    function mark(n) {
      if (box.children[at]) { box.children[at].removeAttribute("aria-selected"); }
      at = n;
      if (box.children[at]) {
        box.children[at].setAttribute("aria-selected", "true");
        box.children[at].scrollIntoView({block: "nearest"});
        input.setAttribute("aria-activedescendant", box.children[at].id);
      } else { input.removeAttribute("aria-activedescendant"); }
    }
    function close() { box.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); }

    input.addEventListener("input", function () { fill(false); });
    return {
      open: function () { fill(true); },
      close: close,
      gone: function () { box.remove(); },
      // What Enter or Tab takes: the marked choice, null where none is marked.
      marked: function () { return !box.hidden && shown[at] ? shown[at][0] : null; },
      key: function (event) {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          if (box.hidden) { fill(true); } else { mark(Math.max(0, Math.min(shown.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))); }
          event.preventDefault();
          return true;
        }
        if (event.key === "Escape" && !box.hidden) { close(); return true; }
        return false;
      }
    };
  };
})();
