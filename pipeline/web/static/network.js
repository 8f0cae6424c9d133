// The signed network: who stands with whom. Places come from the server and stay.
import { svgPng, tools } from "/static/charts.js";
import { css } from "/static/colour.js";
import { dyadPath, el, num, span } from "/static/text.js";

const W = 960, H = 640, HIGH = 13, WIDE = 6.6;
const short = (code) => code.replace(/^(IGO|NSA):/, "");

export function network(main, d, { go }) {
  const chosen = new URLSearchParams(location.search).get("coalition") ?? "";
  const at = new Map(d.nodes.map((n) => [n.code, [n.x * W, n.y * H]]));
  const members = new Set(d.groups.find((c) => c.name === chosen)?.members ?? []);
  main.append(el("h1", {}, d.focus ? `Who stands with ${d.focus.name}` : "Who stands with whom"), el("p", { class: "lead" }, "Each line is a tie with news behind it: blue and solid where two get on better than expected, orange and dashed where worse; thicker is stronger. States with friendly ties lie near each other. Near 0 a line is thin: most ties are."), controls(d, chosen, go));
  const most = Math.max(0.1, ...d.edges.map((e) => Math.abs(e.tie)));
  const edges = d.edges.slice().reverse().map((e) => {
    const [a, b] = e.dyad.split("|"), [x1, y1] = at.get(a), [x2, y2] = at.get(b), share = Math.abs(e.tie) / most;
    return el("svg:a", { href: dyadPath(e.dyad), tabindex: "-1" }, el("svg:title", {}, `${e.name}: tie ${num(e.tie, 2, true)}, 90 % interval ${span(e.ci90)}, ${e.n_events} happenings`),
      el("svg:line", { x1, y1, x2, y2, stroke: e.tie < 0 ? css("--neg") : css("--pos"), "stroke-width": (0.6 + 5 * share).toFixed(2), "stroke-opacity": (0.25 + 0.7 * share).toFixed(2), "stroke-dasharray": e.tie < 0 ? "7 4" : null }));
  });
  const labels = placed(d.nodes, at);
  const nodes = d.nodes.map((n) => {
    const [x, y] = at.get(n.code), own = members.has(n.code) || n.code === d.focus?.code, [lx, ly, anchor] = labels.get(n.code);
    return el("svg:g", { "data-code": n.code, "data-x": x, "data-y": y }, el("svg:circle", { cx: x, cy: y, r: own ? 9 : 5, fill: own ? css("--ink") : css("--card"), stroke: css("--ink"), "stroke-width": 1.5 }), el("svg:text", { x: lx, y: ly, "text-anchor": anchor, stroke: css("--card"), "stroke-width": 3, "paint-order": "stroke" }, short(n.code)), el("svg:title", {}, n.name));
  });
  const svg = el("svg:svg", { viewBox: `0 0 ${W} ${H}`, role: "group", "aria-label": "Signed network of states; the table below tells the same" }, edges, nodes);
  const asked = new URLSearchParams(); if (d.focus) asked.set("focus", d.focus.code); else asked.set("most", d.most);
  main.append(el("figure", {}, el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Network" }, svg), el("figcaption", {}, `${d.edges.length} ${d.focus ? `ties of ${d.focus.name}` : "strongest ties"}${d.left_out ? `, ${d.left_out} others left out` : ""}; ${d.view_words}. Pairs never named together are not drawn.`), tools("Signed network", { csv: `/api/network/edges.csv?${asked}`, json: `/api/network?${asked}`, png: () => svgPng(svg), stamp: d.tick })));
  main.append(el("h2", {}, "Strongest ties"), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Strongest ties" }, el("table", {}, el("thead", {}, el("tr", {}, ["Pair", "Tie", "90 % interval", "Happenings", "Prior"].map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, d.edges.slice(0, 25).map((e) => el("tr", {}, el("td", {}, el("a", { href: dyadPath(e.dyad) }, e.name)), el("td", {}, num(e.tie, 2, true)), el("td", {}, span(e.ci90)), el("td", {}, e.n_events), el("td", {}, `${num(e.prior_share * 100, 0)} %`)))))));
}

function controls(d, chosen, go) {
  const ask = (name, value) => { const url = new URL(location.href); if (value) url.searchParams.set(name, value); else url.searchParams.delete(name); go(url.pathname + url.search, true); };
  const select = (id, name, options) => { const box = el("select", { id, onchange: () => ask(name, box.value) }, options); return box; };
  const numbers = [...new Set([30, 60, 120, 240, d.most])].sort((a, b) => a - b);
  return el("div", { class: "tools" },
    el("label", { for: "bloc" }, "Mark the members of"), select("bloc", "coalition", [el("option", { value: "" }, "none"), ...d.groups.map((c) => el("option", { value: c.name, selected: c.name === chosen }, c.title))]),
    el("label", { for: "focus" }, "Ties of"), select("focus", "focus", [el("option", { value: "" }, "all"), ...d.states.map((s) => el("option", { value: s.code, selected: s.code === d.focus?.code }, s.name))]),
    d.focus ? "" : [el("label", { for: "most" }, "Strongest"), select("most", "most", numbers.map((n) => el("option", { value: n, selected: n === d.most }, n)))]);
}

// Above, below, right or left of its state: wherever a label first meets no other.
function placed(nodes, at) {
  const taken = nodes.map((n) => { const [x, y] = at.get(n.code); return [x - 6, y - 6, x + 6, y + 6]; }), found = new Map();
  for (const n of nodes) {
    const [x, y] = at.get(n.code), w = short(n.code).length * WIDE;
    const ways = [[x, y - 10, "middle", x - w / 2], [x, y + 20, "middle", x - w / 2], [x + 9, y + 4, "start", x + 9], [x - 9, y + 4, "end", x - 9 - w]];
    const free = ways.find(([, ly, , left]) => !taken.some(([a, b, c, e]) => left < c && left + w > a && ly - HIGH < e && ly > b)) ?? ways[0];
    taken.push([free[3], free[1] - HIGH, free[3] + w, free[1]]);
    found.set(n.code, free);
  }
  return found;
}
