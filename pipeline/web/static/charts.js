// Charts over time by uPlot, and what every chart offers: CSV, JSON, PNG, a citation.
import uPlot from "/static/vendor/uPlot.esm.js";
import { css } from "/static/colour.js";
import { day, el, kept, num } from "/static/text.js";

export const live = [];
export function forget() { while (live.length) live.pop()(); }

export function lines(place, { label, t, series, band, marks = [], pick, height = 240, digits = 2, reference }) {
  const opts = {
    width: Math.max(220, place.clientWidth || 600), height,
    tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), "UTC"),
    cursor: { y: false, drag: { x: true, y: false } },
    scales: { x: { time: true } },
    axes: [
      { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") } },
      { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") }, size: 52, values: (u, vs) => vs.map((v) => num(v, digits > 1 && Math.abs(vs.at(-1) - vs[0]) < 5 ? 2 : 0)) },
    ],
    series: [{ label: "Day", value: (u, v) => (v ? day(v) : "–") }, ...series.map((s) => ({
      label: s.label, stroke: css(s.colour), width: s.width ?? 2, dash: s.dash, points: { show: false }, value: (u, v) => num(v, digits),
    }))],
    bands: band ? [{ series: band, fill: css("--band") }] : [],
    hooks: { draw: [(u) => annotate(u, marks, reference)] },
  };
  const plot = new uPlot(opts, [t, ...series.map((s) => s.values)], place);
  const fit = new ResizeObserver(() => { const w = place.clientWidth; if (w > 100 && Math.abs(w - plot.width) > 2) plot.setSize({ width: w, height }); });
  fit.observe(place);
  if (pick) {
    let down = 0;
    plot.over.addEventListener("mousedown", (e) => { down = e.clientX; });
    plot.over.addEventListener("mouseup", (e) => { if (Math.abs(e.clientX - down) < 4 && plot.cursor.idx != null) pick(day(t[plot.cursor.idx])); });
    plot.over.style.cursor = "crosshair";
  }
  plot.root.setAttribute("role", "img");
  plot.root.setAttribute("aria-label", label);
  live.push(() => { fit.disconnect(); plot.destroy(); });
  return plot;
}

function annotate(u, marks, reference) {
  const { ctx } = u, r = devicePixelRatio || 1;
  ctx.save();
  if (reference !== undefined) {
    const y = u.valToPos(reference, "y", true);
    ctx.strokeStyle = css("--soft"); ctx.setLineDash([4 * r, 4 * r]);
    ctx.beginPath(); ctx.moveTo(u.bbox.left, y); ctx.lineTo(u.bbox.left + u.bbox.width, y); ctx.stroke(); ctx.setLineDash([]);
  }
  ctx.font = `bold ${11 * r}px system-ui, sans-serif`; ctx.textAlign = "center";
  marks.forEach((m, i) => {
    const x = u.valToPos(m.t, "x", true), y = Math.max(u.bbox.top + 9 * r, u.valToPos(m.value, "y", true) - 14 * r);
    if (!Number.isFinite(x) || x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
    ctx.fillStyle = css("--ink"); ctx.beginPath(); ctx.arc(x, y, 8 * r, 0, 7); ctx.fill();
    ctx.fillStyle = css("--bg"); ctx.textBaseline = "middle"; ctx.fillText(m.sign ?? String(i + 1), x, y);
  });
  ctx.restore();
}

export function tools(name, { csv, json, png, stamp, digest }) {
  const box = el("div", { class: "tools" });
  const cite = el("button", { type: "button", "aria-label": `Cite ${name}`, onclick: () => {
    const old = box.querySelector(".cite");
    if (old) return old.remove();
    box.append(el("p", { class: "cite", tabindex: "0" }, `blocwatch, “${name}”, data as of ${stamp ?? "unknown"}${digest ? `, ledger ${digest.slice(0, 12)}` : ""}. ${location.href}`));
  } }, "Cite this");
  if (csv) box.append(el("a", { href: kept(csv), download: "", "aria-label": `CSV of ${name}` }, "CSV"));
  if (json) box.append(el("a", { href: kept(json), "aria-label": `JSON of ${name}` }, "JSON"));
  if (png) box.append(el("button", { type: "button", "aria-label": `PNG of ${name}`, onclick: () => png().then((blob) => save(blob, `blocwatch-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.png`)) }, "PNG"));
  box.append(cite);
  return box;
}
function save(blob, name) {
  const url = URL.createObjectURL(blob), a = el("a", { href: url, download: name });
  a.click(); setTimeout(() => URL.revokeObjectURL(url), 10000);
}
export function plotPng(plot) {
  const from = plot.ctx.canvas, canvas = el("canvas", { width: from.width, height: from.height }), ctx = canvas.getContext("2d");
  ctx.fillStyle = css("--card"); ctx.fillRect(0, 0, canvas.width, canvas.height); ctx.drawImage(from, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
export async function svgPng(svg) {
  const copy = svg.cloneNode(true), box = svg.viewBox.baseVal, scale = 2;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg"); copy.setAttribute("width", box.width); copy.setAttribute("height", box.height);
  copy.querySelectorAll("text").forEach((t) => { t.setAttribute("fill", css("--ink")); t.setAttribute("font-size", "11"); t.setAttribute("font-family", "sans-serif"); });
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  const image = new Image(); image.src = url; await image.decode();
  const canvas = el("canvas", { width: box.width * scale, height: box.height * scale }), ctx = canvas.getContext("2d");
  ctx.fillStyle = css("--card"); ctx.fillRect(0, 0, canvas.width, canvas.height); ctx.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
