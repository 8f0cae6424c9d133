// Groups that ties alone show, whoever declared them.
import { tools } from "/static/charts.js";
import { dyadPath, el, num, span } from "/static/text.js";

export function blocs(main, d) {
  const cite = { json: "/api/blocs", stamp: d.tick };
  main.append(el("h1", {}, "Which groups do the ties draw?"),
    el("p", { class: "lead" }, "Nobody declared these blocs: they are found from ties alone, as groups whose members stand closer to each other than to the rest. A label stays while most of its members do. Largest first."));
  if (!d.blocs.length) { main.append(el("p", {}, "No group of three or more stands out in the news that is known.")); return; }
  for (const b of d.blocs) {
    main.append(el("article", { class: "card", id: b.label },
      el("h2", { class: "first" }, b.label, " ", el("small", { class: "soft" }, `${b.size} members, since ${b.since.slice(0, 10)}`)),
      el("p", { class: "members" }, b.members.map((m, i) => [i ? ", " : "", m.name])),
      el("div", {}, el("span", { class: "big" }, num(b.cohesion, 2, true)), " ", el("span", { class: "ci" }, `mean tie of its pairs in the news, 90 % interval ${span(b.ci90)}`)),
      el("p", { class: b.prior_share >= 0.4 ? "note" : "soft" }, b.prior_words),
      b.declared.length ? el("p", {}, "Nearest declared coalitions: ", b.declared.map((c, i) => [i ? ", " : "", el("a", { href: `/coalition/${c.name}` }, c.title), ` (${c.shared} of its ${c.of})`]), ".") : el("p", {}, "No declared coalition shares two members with it."),
      b.ties.length ? el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Closest ties of ${b.label}` }, el("table", {}, el("caption", { class: "soft" }, `Its closest ties; ${b.pairs[0]} of ${b.pairs[1]} pairs are in the news (${d.ties_words})`), el("thead", {}, el("tr", {}, ["Pair", "Tie", "90 % interval", "Happenings"].map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, b.ties.map((t) => el("tr", {}, el("td", {}, el("a", { href: dyadPath(t.dyad) }, t.name)), el("td", {}, num(t.tie, 2, true)), el("td", {}, span(t.ci90)), el("td", {}, t.n_events)))))) : "",
      el("p", {}, el("a", { href: `/network?coalition=${encodeURIComponent(b.label)}` }, "Show it in the network"))));
  }
  main.append(tools("Blocs found by ties", { csv: "/api/blocs/blocs.csv", digest: d.blocs[0].ledger_digest, ...cite }),
    el("p", { class: "soft" }, `Found by signed community detection at the end of each day, from ties with the longest half-life (${d.ties_words}; see `, el("a", { href: "/method" }, "Method"), "). The interval is wide where news is thin, and a label says nothing about what its members intend."));
}
