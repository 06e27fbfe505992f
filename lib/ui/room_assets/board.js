// The projector: big, no controls, no private answers.
import { follow, make, results } from "/w/assets/view.js";

const main = document.getElementById("main"), block = document.getElementById("block"), clock = document.getElementById("clock");
let now = null;

function door() {
  return [make("h1", {}, now.room), make("p", {}, `Open ${location.host}/join and type`), make("p", { class: "code" }, now.code)];
}

function draw() {
  const round = now.round;
  block.textContent = now.block ? `${now.block.number} of ${now.block.of}: ${now.block.name}` : now.room;
  if (now.ended) main.replaceChildren(make("h1", {}, "Thank you."));
  else if (!now.block) main.replaceChildren(...door(), make("p", {}, `${now.people} in the room`));
  else if (!round) main.replaceChildren(make("h1", {}, now.block.name), make("p", { class: "quiet" }, `${now.people} in the room · join with ${now.code}`));
  else if (round.state === "revealed") main.replaceChildren(make("h1", {}, "What we said"), results(now.reveal));
  else {
    const isOpen = round.state === "open";
    main.replaceChildren(make("h1", {}, isOpen ? "Answer on your phone" : "Answers are in"),
      make("p", { class: "big" }, `${now.counts.all} of ${now.people}`),
      make("p", {}, isOpen ? `are done, ${now.counts.some} have begun` : "people have answered"),
      make("p", { class: "quiet" }, `Join with ${now.code}`));
  }
  tick();
}

function tick() {
  if (!now || !now.block || !now.block.started) { clock.textContent = ""; return; }
  const left = now.block.minutes * 60 - (Date.now() - Date.parse(now.block.started)) / 1000;
  const text = `${Math.floor(Math.abs(left) / 60)}:${String(Math.floor(Math.abs(left) % 60)).padStart(2, "0")}`;
  clock.textContent = left >= 0 ? `${text} left` : `${text} over`;
}

setInterval(tick, 1000);
follow("/w/board/events", (state) => { now = state; draw(); }, (online) => { if (!online) clock.textContent = "Reconnecting…"; });
