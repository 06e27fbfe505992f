// What a person types is kept in this browser until the server has it: marked meanwhile, and typed in again after a lost
// connection, a restart or a reload. A field is known by its answer's key; what is acknowledged is forgotten.
const NAME = "workbook.unsaved", EVERY = 400, TRIES = 5, KEPT = 7 * 24 * 3600 * 1000;
const FIELD = "[class*='st-key-answer-']";
const read = () => { try { return JSON.parse(localStorage.getItem(NAME)) ?? {}; } catch { return {}; } };
const write = (all) => { try { localStorage.setItem(NAME, JSON.stringify(all)); } catch { /* full, or a private window */ } };
const app = () => document.querySelector("[data-testid=stApp]")?.dataset ?? {};
const owner = () => document.querySelector("[data-unsaved-owner]")?.dataset.unsavedOwner ?? "";
const widgetOf = (field) => [...(field.closest(FIELD)?.classList ?? [])].find((name) => name.startsWith("st-key-answer-"));
const isText = (field) => field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && field.type === "text" && field.getAttribute("role") !== "combobox");
const place = (widget) => [owner(), new URLSearchParams(location.search).get("workbook") ?? "", widget].join("|");
const fieldOf = (widget) => [...document.querySelectorAll(`.${CSS.escape(widget)} input, .${CSS.escape(widget)} textarea`)].find(isText);

const TAB = Math.random().toString(36).slice(2), ALIVE = 3000;  // another tab of the same browser sends its own texts
const isOthers = (kept) => kept.tab && kept.tab !== TAB && Date.now() - (kept.seen ?? 0) < ALIVE;

const shown = new Map();  // place -> what stood there before somebody began to type
const lost = new Set();  // places whose text was there when the connection went
const sent = new Map();  // place -> [text, whether the server began to work since]; gone with the connection

function change(id, how) {
  const all = read(), kept = how(all[id]);
  if (kept) all[id] = kept; else delete all[id];
  write(all);
}

function mark(field, word) {
  const box = field.closest(FIELD);
  if (word) box.dataset.unsaved = word; else delete box.dataset.unsaved;
}

addEventListener("focusin", ({ target }) => {
  const widget = isText(target) && widgetOf(target);
  if (widget && !read()[place(widget)]) shown.set(place(widget), target.value);
}, true);

addEventListener("input", ({ target, isTrusted }) => {
  const widget = isText(target) && widgetOf(target);
  if (!widget || !isTrusted || !owner()) return;
  const id = place(widget);
  sent.delete(id);
  change(id, (known) => ({ widget, text: target.value, base: known?.base ?? shown.get(id) ?? "", at: Date.now(), tries: 0, tab: TAB, seen: Date.now() }));
  mark(target, "Not saved yet");
  clearTimeout(target.unsavedTimer);
  if (target instanceof HTMLInputElement) target.unsavedTimer = setTimeout(() => leave(target), 550);  // it is sent while typing pauses
}, true);

// From here on the field's text is on its way; a long text is sent when it is left or by Ctrl+Enter.
function leave(field) {
  const widget = isText(field) && widgetOf(field), kept = widget && read()[place(widget)];
  if (kept && kept.text === field.value && app().testConnectionState === "CONNECTED") sent.set(place(widget), [kept.text, false]);
}
addEventListener("focusout", ({ target }) => leave(target), true);
addEventListener("keydown", (event) => { if (event.key === "Enter") leave(event.target); }, true);

// React hears of a text only when it is set past its own setter.
function type(field, text) {
  const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  field.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => { field.dispatchEvent(new FocusEvent("focusout", { bubbles: true })); leave(field); }, 50);
}

// Somebody else's answer stands there now: both are shown, nothing is written over it.
function ask(field, id, kept) {
  const box = field.closest(FIELD);
  if (box.querySelector(".unsaved-other")) return;
  const make = (name, text, onclick) => Object.assign(document.createElement(name), { textContent: text, ...(onclick ? { type: "button", onclick } : {}) });
  const note = make("div", ""), done = () => { note.remove(); change(id, () => null); mark(field, ""); };
  note.className = "unsaved-other";
  note.setAttribute("role", "status");
  note.append(make("p", `Not saved: “${kept.text}”. Something else stands here now.`),
    make("button", "Use what I typed", () => { note.remove(); change(id, (was) => ({ ...was, base: field.value, tries: 0 })); }),
    make("button", "Drop it", done));
  box.append(note);
}

function cut() {
  sent.clear();
  for (const id of Object.keys(read())) lost.add(id);
}

function look() {
  const state = app(), isRunning = state.testScriptState === "running";
  if (state.testConnectionState !== "CONNECTED") return cut();
  for (const one of sent.values()) one[1] ||= isRunning;
  if (isRunning || state.testScriptState !== "notRunning" || !owner()) return;
  for (const [id, kept] of Object.entries(read())) {
    if (Date.now() - kept.at > KEPT) { change(id, () => null); continue; }
    if (isOthers(kept)) continue;
    if (Date.now() - (kept.seen ?? 0) > ALIVE / 3 || kept.tab !== TAB) change(id, (was) => was && { ...was, tab: TAB, seen: Date.now() });
    const field = id === place(kept.widget) && fieldOf(kept.widget);
    if (!field || field.disabled) continue;
    const [text, hasRun] = sent.get(id) ?? [];
    if (field.value === kept.text) {
      if (hasRun && text === kept.text) {
        if (field.closest(FIELD).querySelector("[data-testid=stAlert]")) continue;  // refused: the field says why
        sent.delete(id);
        shown.set(id, kept.text);
        change(id, () => null);
        mark(field, "");
      } else if (!sent.has(id) && (lost.has(id) || document.activeElement !== field)) {
        lost.delete(id);
        // Typed here, and cut off on its way. The page believes that it was sent and would not send it twice: it
        // goes back to what stood before, from where it is typed in again.
        if (field.closest(FIELD).dataset.unsaved) type(field, kept.base);
        else change(id, () => null);  // drawn by the server: it has it
      } else mark(field, "Not saved yet");
    } else if (document.activeElement === field && field.unsavedTimer === undefined && field.value !== kept.base) {
      continue;
    } else if (field.value === kept.base) {
      if (kept.tries >= TRIES) { mark(field, `Not saved: ${kept.text}`); continue; }
      change(id, (was) => ({ ...was, tries: was.tries + 1 }));
      mark(field, "Sending again");
      sent.delete(id);
      lost.delete(id);
      type(field, kept.text);
    } else ask(field, id, kept);
  }
}

if (!window.workbookUnsaved) {
  window.workbookUnsaved = setInterval(look, EVERY);
  new MutationObserver(() => { const { testConnectionState, testScriptState } = app(); if (testConnectionState !== "CONNECTED") cut(); if (testScriptState === "running") for (const one of sent.values()) one[1] = true; })
    .observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ["data-test-script-state", "data-test-connection-state"] });
}
