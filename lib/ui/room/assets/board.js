// The projector: big, no controls, no private answers.
import { backAt, follow, make, results } from "/w/assets/view.js";

const main = document.getElementById("main"), block = document.getElementById("block"), clock = document.getElementById("clock");
const room = encodeURIComponent(new URLSearchParams(location.search).get("room") || "");
let now = null;

const address = () => (now.address || location.origin).replace(/^https?:\/\//, "");
const qr = () => make("img", { class: "qr", src: `/w/board/qr?room=${room}&for=${encodeURIComponent(now.code + now.address)}`, alt: `QR code to join with ${now.code}` });
const people = () => `${now.people} in the room`;

function door() {
  return make("div", { class: "door" }, qr(), make("div", {}, make("h1", {}, now.room),
    make("p", {}, `Open ${address()}/join and type`), make("p", { class: "code" }, now.code), make("p", {}, people())));
}

// Latecomers find the way in at any time.
const late = () => make("footer", { class: "late" }, qr(), make("p", {}, `${address()}/join · ${now.code} · ${people()}`));

function asking(round) {
  const isOpen = round.state === "open", share = make("i", {});
  share.style.width = `${(100 * now.counts.all) / Math.max(1, now.people)}%`;
  return make("div", { class: "asking" },
    make("div", {}, make("h1", {}, isOpen ? "Answer on your phone" : "Answers are in"),
      make("p", { class: "big" }, `${now.counts.all} of ${now.people}`), make("div", { class: "bar" }, share),
      make("p", {}, isOpen ? `are done, ${now.counts.some} have begun` : "people have answered")),
    make("ol", {}, ...round.questions.map((q) => make("li", {}, q.text))));
}

// Nobody scrolls a projector: as many questions as fit, the most contested first; the others are on the phones.
function fit() {
  for (let most = 6; most > 0; most--) {
    main.replaceChildren(make("h1", {}, "What we said"), results(now.reveal, most));
    if (document.documentElement.scrollHeight <= innerHeight) return;
  }
}

function draw() {
  const round = now.round;
  block.textContent = now.block ? `${now.block.number} of ${now.block.of}: ${now.block.name}` : now.room;
  if (now.ended) main.replaceChildren(make("div", { class: "middle" }, make("h1", {}, "Thank you."), make("p", {}, "What was settled stands in the team's workbook.")));
  else if (!now.block) main.replaceChildren(door());
  else if (now.block.pause) main.replaceChildren(make("div", { class: "middle" }, make("h1", {}, now.block.name), make("p", { class: "big" }, `Back at ${backAt(now.block)}`)), late());
  else if (!round) main.replaceChildren(make("div", { class: "middle" }, make("h1", {}, now.block.name), make("p", {}, now.block.purpose)), late());
  else if (round.state === "revealed") fit();
  else main.replaceChildren(asking(round), late());
  tick();
}

function tick() {
  if (!now || !now.block || !now.block.started) { clock.textContent = ""; return; }
  const left = now.block.minutes * 60 - (Date.now() - Date.parse(now.block.started)) / 1000;
  const text = `${Math.floor(Math.abs(left) / 60)}:${String(Math.floor(Math.abs(left) % 60)).padStart(2, "0")}`;
  clock.textContent = left >= 0 ? `${text} left` : `${text} over`;
}

setInterval(tick, 1000);
addEventListener("resize", () => { if (now && now.reveal) draw(); });
follow(`/w/board/events?room=${room}`, (state) => { now = state; draw(); }, (online) => { if (!online) clock.textContent = "Reconnecting…"; });
