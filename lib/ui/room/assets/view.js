// Small helpers shared by the phone and the board.
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

const SIDES = { marketing: "Marketing", growth: "Growth", other: "Other teams" };

function line(row, value, most) {
  const track = make("div", { class: "track" });
  for (const side of Object.keys(SIDES)) {
    const count = (row.sides[side] || {})[value] || 0;
    if (!count) continue;
    const part = make("i", { class: side, title: `${SIDES[side]}: ${count}` });
    part.style.width = `${(100 * count) / most}%`;
    track.append(part);
  }
  const isApart = Object.keys(row.sides).length > 0;
  if (!isApart && row.counts[value]) {  // an anonymous round: nobody's team is told
    const whole = make("i", { class: "all" });
    whole.style.width = `${(100 * row.counts[value]) / most}%`;
    track.append(whole);
  }
  const said = isApart ? Object.keys(SIDES).map((side) => `${SIDES[side]} ${(row.sides[side] || {})[value] || 0}`).join(", ") : "all teams";
  return make("div", { class: "line" }, make("span", {}, row.labels[value] || value), track,
    make("span", {}, String(row.counts[value]), make("span", { class: "sr" }, ` (${said})`)));
}

function result(row) {
  const most = Math.max(1, ...Object.values(row.counts));
  const box = make("section", { class: `result of-${row.type}` }, make("h2", {}, row.text));
  if (row.contested || row.bits) box.append(make("p", { class: "quiet" }, row.contested ? make("span", { class: "contested" }, "⚑ Contested ") : null, row.bits));
  if (row.middle != null) box.append(make("p", { class: "quiet" }, `Middle answer ${row.middle}, ${row.n} ${row.n === 1 ? "person" : "people"}${row.ends ? `; ${row.ends}` : ""}`));
  if (row.unit && row.n) box.append(make("p", { class: "quiet" }, row.unit));
  for (const value of Object.keys(row.counts)) if (row.counts[value] || row.shows_empty) box.append(line(row, value, most));
  if (row.said.length) box.append(make("p", { class: "quiet" }, row.said.join(" ")));
  for (const [text, by] of row.texts) box.append(make("p", { class: "note" }, text, by ? make("span", { class: "quiet" }, ` ${by}`) : null));
  if (!row.n) box.append(make("p", { class: "quiet" }, "Nobody answered this one."));
  return box;
}

export function results(reveal, most = 100) {
  const agreement = reveal.alpha == null ? null
    : make("p", {}, `Agreement beyond chance (Krippendorff's alpha): ${reveal.alpha.toFixed(2)}. `,
      make("span", { class: "quiet" }, `1 is complete agreement, 0 is what chance would give${reveal.alpha < 0 ? ", below 0 people are further apart than that" : ""}.`));
  const key = !reveal.rows.some((row) => Object.keys(row.sides).length) ? null : make("p", { class: "key" }, ...Object.entries(SIDES).map(([side, label]) =>
    make("span", {}, make("i", { class: side }), label)));
  return make("div", {}, ...(key ? [key] : []), agreement, make("div", { class: "grid" }, ...reveal.rows.slice(0, most).map(result)),
    reveal.rows.length > most ? make("p", { class: "quiet" }, `${reveal.rows.length - most} more question${reveal.rows.length - most > 1 ? "s, less contested, are" : ", less contested, is"} on your phone.`) : null);
}
// When a break is over, on the clock of whoever looks.
export const backAt = (block) => new Date(Date.parse(block.started) + block.minutes * 60000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

// Server-sent events that come back by themselves, with a word about it.
export function follow(address, onState, onLine, onFull = () => {}) {
  const source = new EventSource(address);
  const again = (seconds) => { source.close(); setTimeout(() => follow(address, onState, onLine, onFull), seconds * 1000); };
  source.onopen = () => onLine(true);
  source.addEventListener("full", () => { again(10); onFull(); });
  source.onmessage = (event) => onState(JSON.parse(event.data));
  source.onerror = () => {
    onLine(false, source.readyState === EventSource.CLOSED);
    if (source.readyState === EventSource.CLOSED) again(3);
  };
}
