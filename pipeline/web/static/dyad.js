// Two actors: cooperation and conflict apart, tie and affinity, alerts, and the reports behind any day.
import { lines, plotPng, tools } from "/static/charts.js";
import { dayForm, list } from "/static/happenings.js";
import { el, num, span } from "/static/text.js";

const ALERT = { surge_up: "far friendlier than usual that day", surge_down: "far more hostile than usual that day", more_coop: "more cooperation than usual this week", more_conflict: "more conflict than usual this week" };
export function dyad(main, d, { go, address }) {
  const m = d.metric, base = address, cite = { json: base, stamp: d.tick };
  const pick = (day) => go(`${location.pathname}?at=${day}`, true);
  main.append(el("h1", {}, d.title), el("p", { class: "soft" }, d.dyad, d.coalitions.length ? [" · both in ", d.coalitions.map((c, i) => [i ? ", " : "", el("a", { href: `/coalition/${c}` }, c)])] : ""));
  const fact = (name, value, words) => el("div", {}, el("span", { class: "soft" }, name), el("strong", {}, value), words);
  if (m) main.append(el("div", { class: "facts" },
    fact("Tie", num(m.tie, 2, true), `90 % interval ${span(m.tie_ci90)}. Better (+) or worse (−) than their dealings with everybody let expect.`),
    fact("Tone", num(m.tone, 2, true), `90 % interval ${span(m.ci90)}. Cooperation against conflict, on its own.`),
    fact("Affinity", num(m.affinity, 2, true), "ln of cooperation over what both actors' totals let expect; published without an interval."),
    fact("Cooperation | conflict", `${num(m.coop, 1)} | ${num(m.conflict, 1)}`, `Goldstein units, ${d.view_words}. ${num(m.n_eff, 1)} effective happenings.`)), el("p", { class: "note" }, m.prior_words));
  else main.append(el("p", { class: "note" }, "No tie is published for this pair; only its events are known."));
  if (d.series.length) {
    const t = d.series.map((r) => r.t), of = (name) => d.series.map((r) => r[name]);
    const chart = (title, opts, after, caption) => {
      const place = el("div", { class: "plot" }), box = el("figure", {}, place);
      main.append(el("h2", {}, title), box);
      const plot = lines(place, { label: `${title} of ${d.title} over time`, t, pick, ...opts });
      box.append(after, el("figcaption", {}, caption), tools(`${title} of ${d.title}`, { csv: `${base}/series.csv`, png: () => plotPng(plot), ...cite }));
    };
    chart("Cooperation and conflict", { series: [{ label: "cooperation", colour: "--pos", values: of("cooperation") }, { label: "conflict", colour: "--neg", dash: [7, 4], values: of("conflict") }], height: 280 }, el("p", { class: "key" }, el("span", { class: "kp" }, "cooperation (solid)"), el("span", { class: "kn" }, "conflict (dashed)")), `Computed here from the events, by the ledger's own rule (${d.view_words}, by whole days): masses in Goldstein units. A sum of reports has no interval; the tone below has.`);
    chart("Tone", { series: [{ label: "high", colour: "--line", width: 1, values: of("tone_high") }, { label: "low", colour: "--line", width: 1, values: of("tone_low") }, { label: "tone", colour: "--pos", values: of("tone") }], band: [1, 2], reference: 0 }, "", "Cooperation against conflict, −1 to 1, from the same events; the shaded band is its 90 % interval, wide where few happenings stand behind it. The tie, which also weighs how the two deal with everybody else, is published for today only: above.");
  }
  main.append(el("h2", {}, "Alerts"), d.alerts.length ? el("ul", {}, d.alerts.slice(0, 8).map((a) => el("li", {}, el("a", { href: `${location.pathname}?at=${a.as_of.slice(0, 10)}` }, a.as_of.slice(0, 10)), `: ${ALERT[a.kind] ?? a.kind} (${num(a.value, 1)}; alarm from ${num(a.threshold, 1)})`))) : el("p", {}, "None."), d.alerts_total > 8 ? el("p", { class: "soft" }, `${d.alerts_total} in all; the newest 8 are shown.`) : "");
  main.append(dayForm(d.at, pick), list(d, "between the two"), tools(`Events of ${d.title}`, { csv: `${base}/happenings.csv?at=${d.at}`, ...cite }));
}
