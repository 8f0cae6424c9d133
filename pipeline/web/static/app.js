// Address in, page out; asks again when the server says that something the page shows has changed.
import { forget } from "/static/charts.js";
import { el, kept } from "/static/text.js";
import { overview } from "/static/overview.js";
import { coalition } from "/static/coalition.js";
import { dyad } from "/static/dyad.js";
import { network } from "/static/network.js";
import { blocs } from "/static/blocs.js";
import { map } from "/static/map.js";
import { method } from "/static/method.js";

const main = document.getElementById("main"), status = document.getElementById("status"), said = document.getElementById("said");
let shown = 0, last = "";

const ROUTES = [
  [/^\/$/, overview, () => "/api/overview", "Coalitions"],
  [/^\/coalition\/([^/]+)$/, coalition, (m) => `/api/coalition/${m[1]}`, "Coalition"],
  [/^\/dyad\/([^/]+)\/([^/]+)$/, dyad, (m) => `/api/dyad/${m[1]}/${m[2]}`, "Dyad"],
  [/^\/network$/, network, () => "/api/network", "Network"],
  [/^\/blocs$/, blocs, () => "/api/blocs", "Blocs"],
  [/^\/map(?:\/([^/]+))?$/, map, (m) => `/api/map/${m[1] ?? "axis"}`, "Map"],
  [/^\/method$/, method, null, "Method"],
];

const ASKED = ["at", "view", "most", "focus"];
export function go(address, keep = false) { history.pushState(null, "", kept(address)); show(!keep); }

async function show(move) {
  const turn = ++shown;
  const found = ROUTES.map(([re, page, api, title]) => [location.pathname.match(re), page, api, title]).find((r) => r[0]);
  for (const a of document.querySelectorAll("nav a")) {
    const own = a.getAttribute("href");
    if (own === location.pathname || (own !== "/" && location.pathname.startsWith(own))) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
  }
  if (!found) return fail("There is no such page.");
  const [match, page, api, title] = found;
  try {
    let data = {};
    const given = new URLSearchParams(location.search), asked = new URLSearchParams();
    for (const name of ASKED) if (given.get(name)) asked.set(name, given.get(name));
    const address = api ? api(match) : null;
    looks.hidden = !address;
    if (address) {
      const answer = await fetch(address + (asked.size ? `?${asked}` : ""));
      data = await answer.json();
      if (turn !== shown) return;
      if (!answer.ok) return fail(data.error ?? "That could not be shown.");
    }
    const now = location.href + JSON.stringify(data);
    if (!move && now === last) return tell(data);
    last = now;
    const y = scrollY, focus = document.activeElement?.id;
    forget();
    main.replaceChildren();
    document.title = `${title} · blocwatch`;
    choose(data);
    await page(main, data, { go, address });
    main.dataset.ready = String(Number(main.dataset.ready ?? 0) + 1);
    tell(data);
    if (move === true) { scrollTo(0, 0); main.focus({ preventScroll: true }); } else { scrollTo(0, y); if (focus) document.getElementById(focus)?.focus({ preventScroll: true }); }
  } catch (error) { if (turn === shown) fail(`The server could not be asked (${error.message}).`); }
}
const looks = document.getElementById("looks"), view = document.getElementById("view");
function choose(data) {
  if (!data.views) return;
  view.replaceChildren(...data.views.map((v) => el("option", { value: v.name, selected: v.name === data.view }, v.words)));
}
view.addEventListener("change", () => {
  const url = new URL(location.href);
  url.searchParams.set("view", view.value);
  history.pushState(null, "", url.pathname + url.search);
  show(false);
});
function fail(text) { forget(); last = ""; main.replaceChildren(el("h1", {}, "Nothing to show"), el("p", {}, text), el("p", {}, el("a", { href: "/" }, "All coalitions"))); status.textContent = ""; }
function tell(data) {
  if (!data.tick) { status.textContent = data.fault ? `Not all is here: ${data.fault}.` : ""; return; }
  status.textContent = `News up to ${data.tick.slice(0, 16).replace("T", " ")} UTC; final up to ${data.watermark.slice(0, 10)}, later values may still be revised.`
    + (data.events_dropped ? ` Only the newest ${data.events_known} events are kept here.` : "") + (data.fault ? ` Not all is here: ${data.fault}.` : "");
}

document.addEventListener("click", (e) => {
  const a = e.target.closest?.("a[href]");
  if (!a || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || a.target || a.hasAttribute("download")) return;
  const url = new URL(a.href?.baseVal ?? a.href, location.href);
  if (url.origin !== location.origin || /^\/(api|static)\//.test(url.pathname) || url.hash) return;
  e.preventDefault();
  go(url.pathname + url.search);
});
addEventListener("popstate", () => show(true));

const THEMES = ["system", "light", "dark"], dark = matchMedia("(prefers-color-scheme: dark)"), button = document.getElementById("theme");
function theme(choice) {
  document.documentElement.dataset.theme = choice === "dark" || (choice === "system" && dark.matches) ? "dark" : "light";
  button.textContent = `Theme: ${choice}`;
}
let choice = THEMES.includes(localStorage.getItem("theme")) ? localStorage.getItem("theme") : "system";
theme(choice);
button.addEventListener("click", () => { choice = THEMES[(THEMES.indexOf(choice) + 1) % 3]; localStorage.setItem("theme", choice); theme(choice); last = ""; show(false); });
dark.addEventListener("change", () => { theme(choice); last = ""; show(false); });

// The browser sends Last-Event-ID by itself when it connects anew; changes are gathered before asking.
// They wait from the first one on, not from the last: a steady stream must not hold the page back.
let wait = null, more = false;
const soon = () => {
  if (wait !== null) { more = true; return; }
  wait = setTimeout(async () => {
    more = false;
    try { await show(false); said.textContent = "Updated with new data."; } finally { wait = null; }
    if (more) soon();
  }, 300);
};
const stream = new EventSource("/api/stream");
stream.addEventListener("hello", () => { document.documentElement.dataset.stream = "open"; });
stream.addEventListener("change", soon);
stream.addEventListener("reset", soon);
stream.addEventListener("error", () => { document.documentElement.dataset.stream = "waiting"; status.textContent = "The connection is lost; trying again. What is shown may be old."; });

show("first");
