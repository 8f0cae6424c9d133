// What the numbers mean, and what they cannot tell.
import { el } from "/static/text.js";

const FORMULAS = [
  ["Mass of a happening", "x = |g| · q · f · w", "g: Goldstein intensity of the act (−10 to 10). q: the extractor's confidence. f: 1 for facts, ½ for plans; denied, hypothetical and historical acts count nothing. w = min(1 + ln n, 3) for n independent reports."],
  ["Cooperation C, conflict K", "C = Σ x·2^(−age/30 d), g > 0; K likewise, g < 0", "Kept apart: a loud quarrel and a warm visit in one week are not silence."],
  ["Tone", "s = (C − K) / (C + K + κ), κ = 15", "κ is the prior, worth about three typical events."],
  ["Tie", "τ = tanh((ℓ − expected)/2)", "How much better or worse two get on than their dealings with everybody let expect. 0 without news."],
  ["Cohesion", "Σ ω τ / Σ ω over pairs of members", "Silent pairs count with 0: what is not reported is not shown to be close."],
  ["Opposition", "− mean τ over pairs of a member and a rival's member", "Above 0: hostile on the whole."],
  ["Index", "100 · strength / mean strength over the baseline", "The interval shown takes the cohesion's 90 % interval over; exact where all members weigh the same."],
  ["Drift", "mean τ with the coalition − mean τ with its rival", "Half-life 90 days. Above 0: nearer to the coalition."],
  ["Blocs", "groups that make Σ (τ − 0.05) over their observed pairs as large as can be found", "From ties with the longest half-life; three members and more. A label goes on with the group that shares most members with yesterday's."],
  ["Frustration", "size of ties with the wrong sign / size of all", "0: two clean camps."],
  ["Prior share", "κ / (C + K + κ)", "How much of a number is assumption. Above 75 % this dashboard says so in words."],
];
const LIMITS = [
  "It measures what is reported, in the feeds that are read, not what happened. Attention is uneven; a quiet week is not peace.",
  "Events are coded by machine. Some are wrong, some are missed; each shows its sentence so that you can judge.",
  "Where little news is known, the interval is wide and the index moves mostly by fading. Do not read such a move as a finding.",
  "Alerts compare with a dyad's own past; they find bursts of reports, which may be one story told often.",
  "Values after the watermark are provisional and may be revised by late reports.",
  "“Why it moved” adds up published daily parts of each dyad. It names where a change came from, not its cause in the world.",
];
export function method(main) {
  main.append(el("div", { class: "prose" }, el("h1", {}, "How to read it"),
    el("p", { class: "lead" }, "blocwatch reads news feeds, codes who did what to whom from single sentences, and computes from all of them how closely states are tied."),
    el("h2", {}, "What comes from where"),
    el("p", {}, "Quotes, outlets, links and publication times are taken over from the report, unchanged; characters that cannot be seen are written out as ⟨U+202E⟩. Below a dashed line stands what blocwatch coded. Indices, ties, drift and their intervals are read from the published topics. The index's interval, the curves of a dyad, turning points and the map's mean tie are computed by this dashboard from those records."),
    el("h2", {}, "Formulas"), el("dl", {}, FORMULAS.map(([n, f, w]) => [el("dt", {}, el("strong", {}, n), " ", el("code", {}, f)), el("dd", {}, w)])),
    el("h2", {}, "Intervals"), el("p", {}, "A 90 % interval holds the values that the news and the prior together leave likely. If the intervals of two numbers overlap widely, do not say that they differ."),
    el("h2", {}, "Limits"), el("ul", {}, LIMITS.map((t) => el("li", {}, t))),
    el("h2", {}, "Turning points"), el("p", {}, "Numbered marks are days on which cohesion changed by at least six robust deviations of that series, at least 45 days apart. They are found by rule, not chosen by hand."),
    el("h2", {}, "Sources"), el("p", {}, "Goldstein 1992 (intensities); PLOVER (event types); Hoff 2021 and Minhas, Hoff and Ward 2019 (actor effects); Kish 1965 (effective counts); Facchetti, Iacono and Altafini 2011 (balance); Traag and Bruggeman 2009 (blocs); Natural Earth (borders); Šavrič, Patterson and Jenny 2018 (projection).")));
}
