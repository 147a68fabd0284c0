// Which key does what. Letters and digits count while no field is being written in.

import { isTyped } from "./dom.js";

const $ = (id) => document.getElementById(id);
const SINGLE_KEYS = "workbench-single-keys";

export function listen(bench) {
  const { form, text } = bench;
  const acts = {
    previous: () => bench.step(-1),
    next: () => bench.step(1),
    claim: () => bench.claim(),
    split: () => bench.split(),
    none: () => bench.none(),
    span: () => bench.respan(),
    undo: () => bench.undo(),
  };
  const keys = {
    j: acts.next,
    k: acts.previous,
    J: () => bench.step(1, { todo: true }),
    K: () => bench.step(-1, { todo: true }),
    c: acts.claim,
    s: acts.split,
    x: acts.none,
    e: acts.span,
    u: acts.undo,
    h: () => bench.hedge(),
    y: () => form.confirm(),
    Delete: () => bench.remove(),
    "?": () => $("help").showModal(),
  };
  for (const { value, key } of [...form.field("kind").choices, ...form.field("attribution").choices]) {
    const field = form.field("kind").choices.some((each) => each.key === key) ? "kind" : "attribution";
    keys[key] = () => form.field(field).choose(value);
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const { key, target } = event;
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) bench.keep();
    else if (key === "Escape") text.root.focus();
    else if (key === "Enter" && plain && target.matches(".candidates button, .offer button")) {
      if (target.ariaPressed !== "true") target.click();
      form.next();
    } else if (key === "Enter" && plain && !target.matches("button, a, summary")) form.next();
    else if (isTyped(target)) return;
    else if (plain && target.matches("[type=radio]") && /^[1-9]$/.test(key)) form.number(target, Number(key));
    else if (/^Arrow(Left|Right)$/.test(key) && !target.matches("input")) arrow(text, event);
    else if (plain && keys[key] && $("single-keys").checked) keys[key]();
    else return;
    event.preventDefault();
  });

  for (const each of document.querySelectorAll("[data-act]")) {
    each.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    each.addEventListener("click", () => acts[each.dataset.act]());
  }
  $("keep").addEventListener("click", () => bench.keep());
  $("confirm").addEventListener("click", () => form.confirm());
  $("finish").addEventListener("click", () => bench.finish());
  $("help-button").addEventListener("click", () => $("help").showModal());
  $("claim").addEventListener("submit", (event) => event.preventDefault());
  text.root.addEventListener("click", () => pick(bench));
  document.addEventListener("visibilitychange", () => document.hidden && bench.leave());
  window.addEventListener("beforeunload", (event) => bench.dirty && event.preventDefault());
  remember($("single-keys"));
}

function arrow(text, event) {
  const forward = event.key === "ArrowRight";
  if (event.shiftKey) text.extend(forward, event.ctrlKey ? "grapheme" : "word");
  else text.step(forward);
}

// A click chooses the passage at that place; once more, the next that lies over it.
function pick(bench) {
  const selection = bench.text.selection;
  if (!selection || selection.start !== selection.end) return;
  const units = bench.text.unitsAt(selection.start);
  const unit = units[(units.indexOf(bench.current) + 1) % units.length];
  if (unit && unit !== bench.current) bench.go(unit);
}

// Single keys can be turned off (WCAG 2.2, 2.1.4), and stay so.
function remember(box) {
  box.checked = localStorage.getItem(SINGLE_KEYS) !== "off";
  box.addEventListener("change", () => localStorage.setItem(SINGLE_KEYS, box.checked ? "on" : "off"));
}
