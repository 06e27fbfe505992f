// One question at a time; every answer is posted at once and kept in a queue until the server has it on disk.
import { backAt, follow, make, results } from "/w/assets/view.js";

const main = document.getElementById("main"), foot = document.getElementById("foot");
const back = document.getElementById("back"), next = document.getElementById("next");
const parking = document.getElementById("parking"), saved = document.getElementById("saved"), blockName = document.getElementById("block");
const store = {
  read: (name, other) => { try { return JSON.parse(localStorage.getItem(name)) ?? other; } catch { return other; } },
  write: (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* private window */ } },
};
let typed = () => {};  // posts what stands in a text field and was not posted yet
let now = null, me = {}, own = {}, place = 0, roundId = null, drawn = "", drawnRound, isFull = false, queue = store.read("room.queue", []), isSending = false, isOnline = true;

const stamp = () => { const last = store.read("room.sequence", 0); const fresh = Math.max(Date.now(), last + 1); store.write("room.sequence", fresh); return fresh; };
const isGiven = (value) => value !== undefined && value !== null && value !== "" && !(typeof value === "object" && !Object.keys(value).length);
const anyGiven = () => Object.values(own).some(isGiven);
const tell = () => { saved.textContent = queue.length ? (isOnline ? "Saving…" : `Offline, ${queue.length} waiting`) : !isOnline ? "Reconnecting…" : isFull ? "Full: new questions come late" : anyGiven() ? "Saved ✓" : ""; };

async function send() {
  if (isSending) return;
  isSending = true;
  tell();
  while (queue.length) {
    const job = queue[0];
    try {
      const reply = await fetch("/w/answer", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(job) });
      if (reply.status === 429 || reply.status >= 500) throw new Error("later");
      if (!reply.ok) { const why = await reply.json(); warn(`${why.problem} ${why.remedy}`); }
      isOnline = true;
      queue = queue.filter((other) => other !== job);
      store.write("room.queue", queue);
    } catch {
      isOnline = false;
      tell();
      await new Promise((done) => setTimeout(done, 1500));
    }
  }
  isSending = false;
  tell();
}

function answer(question, value) {
  own[question] = value;
  queue = queue.filter((job) => job.round !== roundId || job.question !== question);
  queue.push({ round: roundId, question, value, sequence: stamp() });
  store.write("room.queue", queue);
  if (store.read("room.draft", {}).question === question) store.write("room.draft", {});
  tell();
  send();
}

// Half a sentence of before a reload goes the way of every answer.
function resume() {
  const draft = store.read("room.draft", {});
  if (roundId && draft.round === roundId && now.round.state === "open") answer(draft.question, draft.value);
}

function warn(text) {
  main.prepend(make("p", { class: "note error", role: "alert" }, text));
}

// ---- forms of questions: `QuestionType.form` of lib/room/question_types.py ----

function choices(q, type, isChosen, onPick) {
  return make("fieldset", {}, make("legend", { class: "sr" }, q.text), ...q.options.map((o) => make("label", { class: "choice" },
    make("input", { type, name: q.id, value: o.value, checked: isChosen(o.value), onchange: (e) => onPick(o.value, e.target.checked) }),
    make("span", {}, o.label))));
}

// What is drawn anew keeps the keyboard's place: the same button, or its neighbour where that one has become useless.
const focused = (box) => (box.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null);
function refocus(box, label) {
  const same = label && [...box.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === label);
  if (same) (same.disabled ? [...same.parentNode.querySelectorAll("button")].find((button) => !button.disabled) : same)?.focus();
}

const forms = {
  radio: (q) => choices(q, "radio", (v) => own[q.id] === v, (v) => answer(q.id, v)),
  checkboxes: (q) => choices(q, "checkbox", (v) => (own[q.id] || []).includes(v), (v, on) =>
    answer(q.id, on ? [...(own[q.id] || []), v] : (own[q.id] || []).filter((x) => x !== v))),
  scale: (q) => {
    const steps = Array.from({ length: q.high - q.low + 1 }, (_, i) => q.low + i);
    const grid = make("div", { class: "scale" }, ...steps.map((n) => make("label", { class: "choice" },
      make("input", { type: "radio", name: q.id, value: n, checked: own[q.id] === n, onchange: () => answer(q.id, n) }), make("span", {}, String(n)))));
    return make("fieldset", {}, make("legend", { class: "sr" }, q.text), grid,
      make("p", { class: "ends quiet" }, make("span", {}, q.low_label), make("span", {}, q.high_label)));
  },
  dots: (q) => {
    const given = { ...(own[q.id] || {}) }, left = () => q.high - Object.values(given).reduce((a, b) => a + b, 0);
    const box = make("div", {}), note = make("p", { class: "quiet", role: "status" });
    const draw = () => {
      const held = focused(box);
      note.textContent = `${left()} of ${q.high} dots left`;
      box.replaceChildren(...q.options.map((o) => make("div", { class: "row" }, make("span", {}, o.label), make("div", { class: "buttons" },
        make("button", { type: "button", "aria-label": `Take a dot from ${o.label}`, disabled: !given[o.value], onclick: () => change(o.value, -1) }, "−"),
        make("output", {}, String(given[o.value] || 0)),
        make("button", { type: "button", "aria-label": `Give a dot to ${o.label}`, disabled: left() < 1, onclick: () => change(o.value, 1) }, "+")))));
      refocus(box, held);
    };
    const change = (value, by) => { given[value] = (given[value] || 0) + by; if (!given[value]) delete given[value]; answer(q.id, { ...given }); draw(); };
    draw();
    return make("div", {}, note, box);
  },
  order: (q) => {
    let order = own[q.id] || q.options.map((o) => o.value);
    const label = Object.fromEntries(q.options.map((o) => [o.value, o.label])), box = make("ol", { class: "plain" });
    const draw = () => { const held = focused(box); box.replaceChildren(...order.map((value, i) => make("li", { class: "row" }, make("span", {}, `${i + 1}. ${label[value]}`), make("div", { class: "buttons" },
      make("button", { type: "button", "aria-label": `Move ${label[value]} up`, disabled: i === 0, onclick: () => swap(i, i - 1) }, "↑"),
      make("button", { type: "button", "aria-label": `Move ${label[value]} down`, disabled: i === order.length - 1, onclick: () => swap(i, i + 1) }, "↓"))))); refocus(box, held); };
    const swap = (i, j) => { order = [...order]; [order[i], order[j]] = [order[j], order[i]]; answer(q.id, order); draw(); };
    draw();
    return box;
  },
  text: (q) => {
    let timer;
    const area = make("textarea", { maxlength: 400, "aria-label": q.text, oninput: () => {
      clearTimeout(timer);
      store.write("room.draft", { round: roundId, question: q.id, value: area.value });  // a reload before it is posted loses nothing
      typed = () => { clearTimeout(timer); typed = () => {}; answer(q.id, area.value); };
      timer = setTimeout(typed, 500);
      saved.textContent = "Typing…";
    } });
    area.value = own[q.id] || "";
    return area;
  },
};

// ---- screens ----

function draw({ focus = false } = {}) {
  blockName.textContent = now.block ? `${now.block.number}/${now.block.of} ${now.block.name}` : now.room;
  const round = now.round;
  foot.hidden = true;
  privacy.hidden = me.role === "viewer";
  parking.hidden = now.ended || !now.block || me.role === "viewer";
  if (now.ended) main.replaceChildren(make("h1", {}, "That was it. Thank you."), make("p", {}, "Decisions and actions are in the team's workbook."));
  else if (!now.block) main.replaceChildren(make("h1", {}, `Welcome to ${now.room}`), make("p", { class: "note" }, "You are in. The session starts in a moment; keep this page open."));
  else if (now.block.pause) main.replaceChildren(make("h1", {}, now.block.name), make("p", { class: "note" }, `Back at ${backAt(now.block)}. Keep this page open.`));
  else if (!round) main.replaceChildren(make("h1", {}, now.block.name), make("p", { class: "note" }, "Listen for now. Questions appear here by themselves."));
  else if (round.state === "revealed") main.replaceChildren(make("h1", {}, "What we said"), results(now.reveal));
  else if (round.state === "closed") main.replaceChildren(make("h1", {}, "Answers are in"), make("p", { class: "note" }, "The facilitator shows everybody's answers in a moment."));
  else if (me.role === "viewer") main.replaceChildren(make("h1", {}, "Answers are coming in"), make("p", { class: "note" }, "You are watching; they are shown here when everybody is done."));
  else drawQuestion(round);
  if (focus) main.focus({ preventScroll: true });
  tell();
}

function drawQuestion(round) {
  const all = round.questions, done = place >= all.length;
  const given = all.filter((q) => isGiven(own[q.id])).length;
  const fill = make("i", {});
  fill.style.width = `${(100 * Math.min(place, all.length)) / all.length}%`;
  const bar = make("div", { class: "bar", role: "progressbar", "aria-label": "Questions seen", "aria-valuenow": Math.min(place, all.length), "aria-valuemin": 0, "aria-valuemax": all.length }, fill);
  if (done) {
    main.replaceChildren(bar, make("h1", {}, `${given} of ${all.length} answered`), make("p", { class: "note" }, "You can go back and change answers until the round closes."));
  } else {
    const q = all[place];
    main.replaceChildren(bar, make("p", { class: "quiet" }, `Question ${place + 1} of ${all.length}${round.anonymous ? " · anonymous" : ""}`),
      make("h1", { id: "question" }, q.text), ...(q.hint ? [make("p", { class: "quiet" }, q.hint)] : []), forms[q.form](q));
  }
  foot.hidden = false;
  back.disabled = place === 0;
  next.hidden = done;
  next.textContent = place === all.length - 1 ? "Finish" : "Next";
}

back.onclick = () => { typed(); place = Math.max(0, place - 1); draw({ focus: true }); };
// Going on without an answer abstains: the facilitator sees who is done, not what they left out.
next.onclick = () => {
  typed();
  const q = now.round && now.round.questions[place];
  if (q && own[q.id] === undefined) answer(q.id, null);
  place += 1;
  draw({ focus: true });
};

// ---- parking lot: outside what is drawn anew, so that half a sentence survives a new question ----

const park = document.getElementById("park"), parkNote = document.getElementById("park-note");
park.topic.value = store.read("room.topic", "");  // kept until the room has it
park.topic.addEventListener("input", () => store.write("room.topic", park.topic.value));
park.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = park.topic.value.trim();
  if (!text) return;
  try {
    const reply = await fetch("/w/park", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text }) });
    const result = await reply.json();
    if (!reply.ok) throw new Error(`${result.problem} ${result.remedy}`);
    park.topic.value = "";
    store.write("room.topic", "");
    parkNote.textContent = "Parked ✓ It comes up later.";
  } catch (problem) {
    parkNote.textContent = problem instanceof TypeError ? "Not sent: the room cannot be reached. Try again." : problem.message;
  }
});

// ---- deleting one's own answers: a second press within a few seconds says that it is meant ----

const privacy = document.getElementById("privacy"), forget = document.getElementById("forget"), forgetNote = document.getElementById("forget-note");
let isMeant = 0;
forget.onclick = async () => {
  clearTimeout(isMeant);
  if (forget.dataset.sure !== "yes") {
    forget.dataset.sure = "yes";
    forget.textContent = "Yes, delete them for good";
    isMeant = setTimeout(() => { forget.dataset.sure = ""; forget.textContent = "Delete my answers"; }, 6000);
    return;
  }
  forget.dataset.sure = "";
  forget.textContent = "Delete my answers";
  try {
    queue = [];
    store.write("room.queue", queue);
    store.write("room.draft", {});
    store.write("room.topic", "");
    const reply = await fetch("/w/forget", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
    const result = await reply.json();
    if (!reply.ok) throw new Error(`${result.problem} ${result.remedy}`);
    own = {};
    drawn = "";
    await catchUp();
    forgetNote.textContent = result.deleted === 1 ? "1 answer deleted." : `${result.deleted} answers deleted.`;
  } catch (problem) {
    forgetNote.textContent = problem instanceof TypeError ? "Not deleted: the room cannot be reached. Try again." : problem.message;
  }
};

async function catchUp() {
  const reply = await fetch("/w/state");
  if (reply.status === 404) return location.assign("/join");
  const whole = await reply.json();
  take(whole, whole.own);
}

// A new round asks for this person's own answers first; what is typed is never drawn over.
function take(state, answers) {
  const fresh = state.round ? state.round.id : null, isNewRound = fresh !== roundId;
  now = state;
  me = state.me || me;  // pushed states say nothing of one person
  if (isNewRound) typed();
  if (isNewRound) { roundId = fresh; place = 0; own = {}; }
  if (isNewRound && fresh && !answers) return catchUp();
  if (answers) own = { ...answers, ...Object.fromEntries(queue.filter((j) => j.round === roundId).map((j) => [j.question, j.value])) };
  if (answers) resume();
  const screen = JSON.stringify([state.ended, state.block, state.round, state.reveal]), isFirst = drawnRound !== fresh;
  const isTyping = !isFirst && state.round && state.round.state === "open" && document.activeElement?.tagName === "TEXTAREA";
  if (screen === drawn || isTyping) return;
  drawn = screen;
  drawnRound = fresh;
  draw({ focus: isFirst });
}

catchUp().catch(() => warn("The room cannot be reached. Check the network; this page tries again by itself."));
follow("/w/events", (state) => {
  if (isFull) { isFull = false; tell(); }
  take(state, null);
}, (online, isRefused) => {
  const was = isOnline;
  isOnline = online;
  tell();
  if (online && !was) send();
  if ((online && !was) || isRefused) catchUp().catch(() => {});  // refused: perhaps not in the room any more
}, () => { isFull = true; tell(); catchUp().catch(() => {}); });
send();
