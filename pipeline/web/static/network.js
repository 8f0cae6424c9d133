// The signed network: who stands with whom. Places come from the server and stay.
import { svgPng, tools } from "/static/charts.js";
import { css } from "/static/colour.js";
import { dyadPath, el, num, span } from "/static/text.js";

export function network(main, d) {
  const chosen = new URLSearchParams(location.search).get("coalition") ?? "";
  const W = 960, H = 640, at = new Map(d.nodes.map((n) => [n.code, [n.x * W, n.y * H]]));
  const members = new Set(d.coalitions.find((c) => c.name === chosen)?.members ?? []);
  main.append(el("h1", {}, "Who stands with whom"), el("p", { class: "lead" }, "Each line is a tie with news behind it: blue and solid where two get on better than expected, orange and dashed where worse; thicker is stronger. States with friendly ties lie near each other. Near 0 a line is thin: most ties are."));
  const select = el("select", { id: "bloc", onchange: () => { history.replaceState(null, "", select.value ? `?coalition=${select.value}` : "/network"); main.replaceChildren(); network(main, d); document.getElementById("bloc").focus(); } }, el("option", { value: "" }, "none"), d.coalitions.map((c) => el("option", { value: c.name, selected: c.name === chosen }, c.title)));
  main.append(el("div", { class: "tools" }, el("label", { for: "bloc" }, "Mark the members of"), select));
  const most = Math.max(0.1, ...d.edges.map((e) => Math.abs(e.tie)));
  const edges = d.edges.slice().reverse().map((e) => {
    const [a, b] = e.dyad.split("|"), [x1, y1] = at.get(a), [x2, y2] = at.get(b), share = Math.abs(e.tie) / most;
    return el("svg:a", { href: dyadPath(e.dyad), tabindex: "-1" }, el("svg:title", {}, `${e.name}: tie ${num(e.tie, 2, true)}, 90 % interval ${span(e.ci90)}, ${e.n_events} happenings`),
      el("svg:line", { x1, y1, x2, y2, stroke: e.tie < 0 ? css("--neg") : css("--pos"), "stroke-width": (0.6 + 5 * share).toFixed(2), "stroke-opacity": (0.25 + 0.7 * share).toFixed(2), "stroke-dasharray": e.tie < 0 ? "7 4" : null }));
  });
  const nodes = d.nodes.map((n) => { const [x, y] = at.get(n.code), own = members.has(n.code); return el("svg:g", { "data-code": n.code, "data-x": x, "data-y": y }, el("svg:circle", { cx: x, cy: y, r: own ? 9 : 5, fill: own ? css("--ink") : css("--card"), stroke: css("--ink"), "stroke-width": 1.5 }), el("svg:text", { x, y: y - 10, "text-anchor": "middle", stroke: css("--card"), "stroke-width": 3, "paint-order": "stroke" }, n.code.replace(/^(IGO|NSA):/, "")), el("svg:title", {}, n.name)); });
  const svg = el("svg:svg", { viewBox: `0 0 ${W} ${H}`, role: "group", "aria-label": "Signed network of states; the table below tells the same" }, edges, nodes);
  main.append(el("figure", {}, el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Network" }, svg), el("figcaption", {}, `${d.edges.length} strongest ties${d.left_out ? `, ${d.left_out} weaker left out` : ""}. Half-life 30 days. Pairs never named together are not drawn.`), tools("Signed network", { csv: "/api/network/edges.csv", json: "/api/network", png: () => svgPng(svg), stamp: d.tick })));
  main.append(el("h2", {}, "Strongest ties"), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Strongest ties" }, el("table", {}, el("thead", {}, el("tr", {}, ["Pair", "Tie", "90 % interval", "Happenings", "Prior"].map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, d.edges.slice(0, 25).map((e) => el("tr", {}, el("td", {}, el("a", { href: dyadPath(e.dyad) }, e.name)), el("td", {}, num(e.tie, 2, true)), el("td", {}, span(e.ci90)), el("td", {}, e.n_events), el("td", {}, `${num(e.prior_share * 100, 0)} %`)))))));
}
