// Happenings as cards: what the source says, verbatim, above; what blocwatch coded from it, below.
import { bdi, dyadPath, el, num } from "/static/text.js";

const STATUS = { occurred: "reported as fact", intended: "announced or planned (counts half)", denied: "denied (counts nothing)", hypothetical: "hypothetical (counts nothing)", historical: "history (counts nothing)" };
export const key = () => el("p", { class: "key" }, el("span", { class: "hp" }, "who acts"), el("span", { class: "ht" }, "on whom"), el("span", { class: "hv" }, "the act"));

export function happening(h) {
  const { source: s, coded: c } = h;
  const quote = el("bdi", { dir: "auto" }, s.sentence.map(([text, role]) => (role ? el("mark", { class: role, title: { source: "who acts", target: "on whom", trigger: "the act" }[role] }, text) : text)));
  return el("article", { class: "happening", "data-event": h.event_id },
    el("p", { class: "tag" }, "From the source, verbatim"),
    el("blockquote", {}, quote),
    el("p", { class: "soft" }, bdi(s.outlet), ", published ", s.published_at.slice(0, 10), s.url ? [" · ", el("a", { href: s.url, rel: "noopener noreferrer nofollow", target: "_blank" }, "read the report")] : " · no usable link"),
    el("div", { class: "coded" },
      el("span", { class: "tag" }, "Coded by blocwatch "),
      el("a", { href: dyadPath(h.dyad) }, `${c.from} → ${c.to}`), ` ${c.type}${c.mode ? ` (${c.mode})` : ""} on ${c.day} · ${STATUS[c.status] ?? c.status} · Goldstein ${num(c.goldstein, 1, true)} · confidence ${Math.round(c.confidence * 100)} % · `,
      `${c.articles} report${c.articles === 1 ? "" : "s"} by ${c.outlets.length} outlet${c.outlets.length === 1 ? "" : "s"} · `,
      el("span", { class: c.mass > 0 ? "up" : c.mass < 0 ? "down" : "" }, c.mass ? `moves the ledger by ${num(c.mass, 2, true)}` : "moves no number")));
}

export function list(data, where) {
  const more = data.happenings_total - data.happenings.length;
  return el("section", { id: "events" },
    el("h2", {}, `Events behind ${data.at}`),
    el("p", { class: "soft" }, `${data.happenings_total} happening${data.happenings_total === 1 ? "" : "s"} ${where} in the ${data.evidence_days} days up to ${data.at}${more > 0 ? `; the newest ${data.happenings.length} are shown` : ""}. A happening is one act; several reports of it count once.`),
    key(),
    data.happenings.length ? data.happenings.map(happening) : el("p", {}, `No report in these ${data.evidence_days} days. The number then rests on fading older news and on the prior.`));
}
export function dayForm(at, go) {
  const input = el("input", { type: "date", value: at, id: "at" });
  return el("form", { class: "tools", onsubmit: (e) => { e.preventDefault(); go(input.value); } }, el("label", { for: "at" }, "Show the events behind "), input, el("button", {}, "Show"), el("span", { class: "soft" }, "or click a day in the chart"));
}
