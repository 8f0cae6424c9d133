// Colours of signed numbers: blue is friendly, orange hostile, told apart by all common kinds of colour vision.
export const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dark = () => document.documentElement.dataset.theme === "dark";
const ENDS = { light: [[247, 246, 242], [31, 95, 168], [179, 88, 6]], dark: [[52, 54, 60], [110, 168, 232], [236, 150, 72]] };
export function diverging(value, most) {
  const [mid, pos, neg] = ENDS[dark() ? "dark" : "light"];
  const share = Math.min(1, Math.abs(value) / (most || 1)) ** 0.7;
  const end = value < 0 ? neg : pos;
  const rgb = mid.map((m, i) => Math.round(m + (end[i] - m) * share));
  const shine = rgb.map((c) => { const v = c / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  const light = 0.2126 * shine[0] + 0.7152 * shine[1] + 0.0722 * shine[2];
  return { fill: `rgb(${rgb})`, ink: light > 0.18 ? "#111" : "#fff" };
}
