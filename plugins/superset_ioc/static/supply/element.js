// Elements of a page, made from names, attributes and children; texts with their parameters.
const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") made.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

export function shape(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// "{n} ngày" with {n: 3} is "3 ngày".
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// 12345 is 12.345 and 0.925 is 92,5%, in all languages.
export const counted = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");
export const share = (part, all) => (all ? `${((100 * part) / all).toFixed(1).replace(".", ",")}%` : "–");
