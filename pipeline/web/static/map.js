// The world by alignment with a chosen bloc.
import { svgPng, tools } from "/static/charts.js";
import { css, diverging } from "/static/colour.js";
import { dyadPath, el, num, span, way } from "/static/text.js";

let world = null;
export async function map(main, d, { go }) {
  world ??= await (await fetch("/static/vendor/world.json")).json();
  const by = new Map(d.states.map((s) => [s.code, s])), members = new Set(d.members);
  const most = Math.max(0.02, ...d.states.map((s) => Math.abs(s.tie)));
  const select = el("select", { id: "bloc", onchange: () => go(`/map/${select.value}`, true) }, d.coalitions.map((c) => el("option", { value: c.name, selected: c.name === d.bloc }, c.title)));
  main.append(el("h1", {}, `Alignment with ${d.title}`), el("p", { class: "lead" }, "Each state's mean tie with the members: blue where it deals better with them than expected, orange where worse. Where no report names a state together with a member, it has the “no news” shade of the key. Members have a heavy outline. Pairs without news count as 0."), el("div", { class: "tools" }, el("label", { for: "bloc" }, "Bloc"), select));
  const line = css("--bg"), ink = css("--ink"), none = css("--land");
  const shapes = Object.entries(world).map(([code, [name, path]]) => { const s = by.get(code), own = members.has(code); return el("svg:path", { d: path, fill: s ? diverging(s.tie, most).fill : none, stroke: own ? ink : line, "stroke-width": own ? 1.6 : 0.5, "data-code": code }, el("svg:title", {}, s ? `${s.name}: mean tie ${num(s.tie, 3, true)} over ${s.of} pairs, ${s.pairs} with news` : `${name}: no news`)); });
  shapes.sort((a, b) => members.has(a.dataset.code) - members.has(b.dataset.code));
  const svg = el("svg:svg", { viewBox: "0 0 960 412", role: "img", "aria-label": `World map of alignment with ${d.title}; the table below tells the same` }, shapes);
  main.append(el("figure", {}, svg, el("div", { class: "key" }, [-1, -0.5, 0, 0.5, 1].map((f) => el("span", { css: { "--c": diverging(f * most, most).fill } }, num(f * most, 2, true))), el("span", { class: "nonews" }, "no news")), el("figcaption", {}, "Colours are scaled to the largest value shown; see the table for drift and its interval, which is the published number. Borders are those of Natural Earth 1:110m (who holds the land, no word on whose it is), Equal Earth projection; small states are only in the table."), tools(`Alignment with ${d.title}`, { csv: `/api/map/${d.bloc}/states.csv`, json: `/api/map/${d.bloc}`, png: () => svgPng(svg), stamp: d.tick })));
  main.append(el("h2", {}, "The same as a table"), el("p", { class: "soft" }, "The mean tie is computed here from published ties and has no interval of its own; the drift (mean tie with the bloc less that with its rival, half-life 90 days) is published with one. Members have no drift."), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Alignment by state" }, el("table", {}, el("thead", {}, el("tr", {}, ["State", "Mean tie", "Pairs with news", "Happenings", "Drift", "90 % interval"].map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, d.states.map((s) => el("tr", {}, el("td", {}, s.name, s.member ? el("small", { class: "soft" }, " member") : ""), el("td", { class: way(s.tie) }, num(s.tie, 3, true)), el("td", {}, `${s.pairs} of ${s.of}`), el("td", {}, s.n_events), el("td", {}, num(s.drift, 3, true)), el("td", {}, s.drift_ci90 ? span(s.drift_ci90) : "–")))))));
}
