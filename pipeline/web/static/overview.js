// Every coalition at a glance: index, changes, interval, why it moved.
import { lines, plotPng, tools } from "/static/charts.js";
import { el, num, span, way } from "/static/text.js";

export function overview(main, data) {
  main.append(el("h1", {}, "How strongly do the blocs hold together?"),
    el("p", { class: "lead" }, "Each index compares a coalition with its own past: 100 is its mean strength over its baseline. It rises when members are reported to deal better with each other than their habits let expect. Best-evidenced first. Changes have no interval of their own: judge them by the index's."));
  if (!data.coalitions.length) { main.append(el("p", {}, "No coalition has been measured yet. This page fills by itself when the first values arrive.")); return; }
  const cards = el("div", { class: "cards" });
  main.append(cards);
  for (const c of data.coalitions) {
    const place = el("div", { class: "plot" });
    const bar = el("span", { class: "soft" });
    cards.append(el("article", { class: "card", id: `card-${c.name}` },
      el("h3", {}, el("a", { href: `/coalition/${c.name}` }, c.title), " ", el("small", { class: "soft" }, c.name)),
      el("div", {}, el("span", { class: "big" }, num(c.index, 1)), " ", el("span", { class: "ci" }, `90 % interval ${span(c.index_ci90, 0, false)}`)),
      el("ul", { class: "changes" }, [["1", "1 day"], ["7", "7 days"], ["30", "30 days"]].map(([k, label]) => el("li", {}, el("span", { class: way(c.changes[k], 1) }, num(c.changes[k], 1, true)), el("br"), el("span", { class: "soft" }, label)))),
      el("p", { class: "why" }, c.why["30"] ?? "Not enough past to say why it moved."),
      c.prior_share >= 0.4 ? el("p", { class: "note" }, c.prior_words) : el("p", { class: "soft" }, c.prior_words),
      c.membership_words ? el("p", { class: "note" }, c.membership_words) : "",
      el("figure", {}, place, el("figcaption", {}, `Index since ${c.series.length ? new Date(c.series[0][0] * 1000).getUTCFullYear() : "–"}; baseline ${c.index_from ?? "not over yet"}${c.index_until ? ` to ${c.index_until}` : ""}. `, c.turning_points.length ? `Numbers mark the days that moved it most; they are explained on its page.` : "")), bar));
    if (!c.series.length) continue;
    const plot = lines(place, { label: `Index of ${c.title} over time, last ${num(c.index, 1)}`, t: c.series.map((r) => r[0]), series: [{ label: "index", colour: "--pos", values: c.series.map((r) => r[1]), width: 1.5 }], marks: c.turning_points.filter((m) => m.index !== null).map((m) => ({ t: m.t, value: m.index })), height: 150, digits: 1, reference: 100 });
    bar.append(tools(`Index of ${c.title}`, { csv: `/api/coalition/${c.name}/full_series.csv`, json: `/api/coalition/${c.name}`, png: () => plotPng(plot), stamp: c.series_as_of, digest: c.ledger_digest }));
  }
}
