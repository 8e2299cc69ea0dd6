// Levels of an indicator that has only a few values: what each is called, how it is judged, and its colour.
import { language } from "./texts.js";

// Told apart by lightness too, and always with the level's name beside them.
const COLOURS = { green: "#3f9b62", yellow: "#f2c230", orange: "#e8791e", red: "#b3261e" };
const OF_STATE = { good: "green", watch: "yellow", bad: "red" };

const made = new Map();

/** Levels of a form, lowest first: [{value, label, meaning, state, colour}], or null. The same form gives the same object. */
export function levelsOf(form) {
  if (!Array.isArray(form.levels) || !form.levels.length) return null;
  const spoken = language();
  const key = `${spoken} ${JSON.stringify(form.levels)}`;
  if (!made.has(key)) {
    made.set(
      key,
      form.levels.map(({ value, label, meaning, state, colour }) => ({
        value,
        label: label[spoken] || label.vi,
        meaning: meaning ? meaning[spoken] || meaning.vi : null,
        state,
        colour: COLOURS[colour || OF_STATE[state]],
      })),
    );
  }
  return made.get(key);
}

/** The level of a value, or null where it has none. */
export const levelAt = (levels, value) => (levels && value !== null && levels.find((level) => level.value === Math.round(value))) || null;
