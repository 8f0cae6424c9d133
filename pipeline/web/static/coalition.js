// One coalition: index and why, ties of members, series, drift, and the events behind any day.
import { lines, plotPng, tools } from "/static/charts.js";
import { diverging } from "/static/colour.js";
import { dayForm, list } from "/static/happenings.js";
import { dyadPath, el, num, span, way } from "/static/text.js";

export function coalition(main, d, { go, address }) {
  const t = d.full_series.map((r) => r.t), at = (name) => d.full_series.map((r) => r[name]);
  const pick = (day) => go(`/coalition/${d.name}?at=${day}`, true);
  const cite = { json: address, stamp: d.tick, digest: d.ledger_digest };
  const chart = (title, opts, caption) => {
    const place = el("div", { class: "plot" }), box = el("figure", {}, place);
    main.append(el("h2", {}, title), box);
    const plot = lines(place, { label: `${title} of ${d.title} over time`, t, pick, ...opts });
    box.append(el("figcaption", {}, caption), tools(`${title} of ${d.title}`, { csv: `/api/coalition/${d.name}/full_series.csv`, png: () => plotPng(plot), ...cite }));
  };
  main.append(el("h1", {}, d.title), el("p", { class: "soft" }, d.members.map((m) => m.name).join(", "), d.rival ? [" · measured against ", el("a", { href: `/coalition/${d.rival}` }, d.rival)] : ""),
    el("div", {}, el("span", { class: "big" }, num(d.index, 1)), " ", el("span", { class: "ci" }, `index, 90 % interval ${span(d.index_ci90, 0, false)}${d.equal_weights ? "" : " (approximate: members weigh differently)"}; 100 is its mean from ${d.index_from} to ${d.index_until}`)),
    el("dl", { class: "moves" }, ["1", "7", "30"].map((k) => el("div", {}, el("dt", {}, k === "1" ? "In a day " : `In ${k} days `, el("strong", { class: way(d.changes[k], 1) }, num(d.changes[k], 1, true))), el("dd", {}, d.why[k] ?? "Not enough past to say.")))),
    el("p", { class: "note" }, d.prior_words), d.membership_words ? el("p", { class: "note" }, d.membership_words) : "");
  if (t.length) {
    const marks = d.turning_points.filter((m) => m.index !== null).map((m) => ({ t: m.t, value: m.index }));
    chart("Index", { series: [{ label: "high", colour: "--line", width: 1, values: at("index_high") }, { label: "low", colour: "--line", width: 1, values: at("index_low") }, { label: "index", colour: "--pos", values: at("index") }], band: [1, 2], marks, reference: 100, digits: 1, height: 300 }, "The shaded band is the 90 % interval; where the prior dominates it is wide, and moves inside it may be chance. Drag to zoom, double-click to zoom out.");
    if (d.turning_points.length) main.append(el("ol", { class: "turns" }, d.turning_points.filter((m) => m.index !== null).map((m) => el("li", {}, el("a", { href: `/coalition/${d.name}?at=${m.day}` }, m.day), ` ${m.text}`, m.quote ? [" — “", el("bdi", {}, m.quote), "”"] : ""))));
  }
  matrix(main, d, cite);
  main.append(el("h2", {}, "Are these the real camps?"), el("div", { class: "facts" },
    fact("Partition agreement", d.agreement === null ? "–" : `${num(d.agreement * 100, 0)} %`, d.agreement_words),
    fact("Placebo percentile", d.placebo === null ? "–" : `${num(d.placebo, 1)}`, d.placebo_words),
    fact("Pairs in the news", `${d.observed[0]} of ${d.observed[1]}`, "Pairs of members with any report behind them. Silent pairs count with tie 0."),
    fact("Frustration", num(d.frustration), "Share of tie strength that has the wrong sign: hostile inside a camp, or friendly across. 0 is two clean camps.")));
  if (t.length) {
    chart("Cohesion", { series: [{ label: "high", colour: "--line", width: 1, values: at("cohesion_high") }, { label: "low", colour: "--line", width: 1, values: at("cohesion_low") }, { label: "cohesion", colour: "--pos", values: at("cohesion") }], band: [1, 2], reference: 0 }, `Mean tie between members, −1 to 1. Now ${num(d.cohesion, 3, true)}, 90 % interval ${span(d.cohesion_ci90)}.`);
    if (d.rival) chart("Opposition and frustration", { series: [{ label: `opposition to ${d.rival}`, colour: "--neg", values: at("opposition") }, { label: "frustration", colour: "--soft", dash: [6, 4], values: at("frustration") }], reference: 0 }, `Opposition (solid) is the mean hostility towards ${d.rival}: now ${num(d.opposition, 3, true)}, 90 % interval ${span(d.opposition_ci90)}. Frustration (dashed) runs from 0 to 1 and is published without an interval.`);
  }
  drift(main, d, cite);
  main.append(dayForm(d.at, (day) => pick(day)));
  if (d.at_drivers.length) main.append(el("p", {}, `On ${d.at} cohesion changed by ${num(d.at_change, 4, true)}: `, d.at_drivers.map((x, i) => [i ? ", " : "", el("a", { href: dyadPath(x.dyad) }, x.name), ` ${num(x.part, 4, true)}`]), "."));
  main.append(list(d, "between members"), tools(`Events behind ${d.title}`, { csv: `/api/coalition/${d.name}/happenings.csv?at=${d.at}`, ...cite }));
}
const fact = (name, value, words) => el("div", {}, el("span", { class: "soft" }, name), el("strong", {}, value), words);

function matrix(main, d, cite) {
  const { order, cells } = d.matrix, key = (a, b) => [a, b].sort().join("|");
  const most = Math.max(0.05, ...Object.values(cells).map((c) => Math.abs(c.tie)));
  const row = (a) => el("tr", {}, el("th", { scope: "row" }, order.length > 12 ? a.code : a.name), order.map((b) => {
    if (a.code === b.code) return el("td", { "aria-label": "itself" }, "·");
    const c = cells[key(a.code, b.code)];
    if (!c) return el("td", { class: "none", title: `${a.name}–${b.name}: no news` }, "–");
    const { fill, ink } = diverging(c.tie, most);
    return el("td", { css: { background: fill, color: ink } }, el("a", { href: dyadPath(key(a.code, b.code)), title: `${a.name}–${b.name}: tie ${num(c.tie, 3, true)}, 90 % interval ${span(c.ci90)}, ${c.n_events} happenings`, "aria-label": `${a.name} and ${b.name}: tie ${num(c.tie, 2, true)}, interval ${span(c.ci90)}` }, num(c.tie, 2, true)));
  }));
  main.append(el("h2", {}, "Who is close to whom"),
    el("p", { class: "soft" }, "Ties between members: how much better (blue, +) or worse (orange, −) two get on than their dealings with everybody let expect. Closest members first. Choose a number to see its events; its interval shows on pointing and on its page. – is no news."),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Matrix of ties" }, el("table", { class: "matrix" }, el("thead", {}, el("tr", {}, el("td", {}), order.map((m) => el("th", { scope: "col", title: m.name }, m.code)))), el("tbody", {}, order.map(row)))),
    tools(`Ties inside ${d.title}`, { csv: `/api/coalition/${d.name}/matrix.csv`, png: () => matrixPng(d, most), ...cite }));
}
function matrixPng(d, most) {
  const { order, cells } = d.matrix, s = 56, canvas = el("canvas", { width: (order.length + 1) * s, height: (order.length + 1) * s }), x = canvas.getContext("2d");
  x.fillStyle = "#fff"; x.fillRect(0, 0, canvas.width, canvas.height); x.font = "bold 14px sans-serif"; x.textAlign = "center"; x.textBaseline = "middle";
  order.forEach((a, i) => { x.fillStyle = "#111"; x.fillText(a.code, s / 2, (i + 1.5) * s); x.fillText(a.code, (i + 1.5) * s, s / 2);
    order.forEach((b, j) => { const c = cells[[a.code, b.code].sort().join("|")]; if (!c || i === j) return; const k = diverging(c.tie, most); x.fillStyle = k.fill; x.fillRect((j + 1) * s, (i + 1) * s, s - 2, s - 2); x.fillStyle = k.ink; x.fillText(num(c.tie, 2, true), (j + 1.5) * s, (i + 1.5) * s); }); });
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
function drift(main, d, cite) {
  main.append(el("h2", {}, "Who stands nearer, who further off"));
  if (!d.drift.length) { main.append(el("p", {}, "No outsider has been measured against it.")); return; }
  const rows = d.drift.length > 16 ? [...d.drift.slice(0, 8), ...d.drift.slice(-8)] : d.drift;
  main.append(el("p", { class: "soft" }, `States outside: mean tie with its members${d.rival ? `, less that with ${d.rival}` : ""}, half-life 90 days. Above 0 is nearer. A candidate has been above +0.20, interval above 0, for 14 days.${d.drift.length > 16 ? ` The 8 nearest and 8 furthest of ${d.drift.length}; the CSV has all.` : ""}`),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Drift of outsiders" }, el("table", {}, el("thead", {}, el("tr", {}, ["State", "Drift", "90 % interval", "Prior", "Candidate"].map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, rows.map((r) => el("tr", {}, el("td", {}, r.name), el("td", { class: way(r.drift) }, num(r.drift, 3, true)), el("td", {}, span(r.ci90)), el("td", {}, `${num(r.prior_share * 100, 0)} %`), el("td", {}, r.candidate ? "yes" : r.days_above ? `${r.days_above} of 14 days` : "no")))))),
    tools(`Drift towards ${d.title}`, { csv: `/api/coalition/${d.name}/drift.csv`, ...cite }));
}
