// Text and elements: everything that comes from outside becomes a text node, never markup.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
export const visible = (text) => String(text).replace(HIDDEN, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

export function el(name, attributes = {}, ...children) {
  const node = name.includes(":") ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "css") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(3)) if (child !== null && child !== undefined && child !== false) node.append(child instanceof Node ? child : visible(child));
  return node;
}
export const bdi = (text) => el("bdi", { dir: "auto" }, text);
export function num(value, digits = 2, sign = false) {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value).toFixed(digits);
  return (Number(text) === 0 ? "" : value < 0 ? "−" : sign ? "+" : "") + text;
}
export const span = (ci, digits = 2, sign = true) => (ci ? `${num(ci[0], digits, sign)} to ${num(ci[1], digits, sign)}` : "not known");
export const day = (t) => new Date(t * 1000).toISOString().slice(0, 10);
export const dyadPath = (dyad) => "/dyad/" + dyad.split("|").map(encodeURIComponent).join("/");
export const way = (value, digits = 3) => (value == null || Number(Math.abs(value).toFixed(digits)) === 0 ? "" : value > 0 ? "up" : "down");

// Addresses keep the view that was chosen: the page's own and those of its tables alike.
const KEPT = "view";
export function kept(address) {
  const url = new URL(address, location.href), chosen = new URLSearchParams(location.search).get(KEPT);
  if (chosen && url.origin === location.origin && !url.searchParams.has(KEPT)) url.searchParams.set(KEPT, chosen);
  return url.pathname + url.search;
}
