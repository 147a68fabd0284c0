// The workbench: passages on the left, the claim of the current one on the right.

import { Refused, ask } from "./api.js";
import { say } from "./dom.js";
import { ClaimForm } from "./form.js";
import { listen } from "./keys.js";
import { Reading } from "./reading.js";
import { makeRecord } from "./records.js";
import { TextView } from "./text.js";
import { Vocabulary } from "./vocabulary.js";

const IDLE = 1500; // ms without a key before what is typed is saved, still to do
const CONFLICT = 409;
const $ = (id) => document.getElementById(id);

class Workbench {
  constructor(state) {
    this.state = state;
    const quotations = state.quotations.map(([start, end]) => ({ start, end }));
    this.text = new TextView($("text"), state.text, state.document.language, quotations);
    this.reading = new Reading(state);
    const singular = (name) => name.replace(/s$/, "");
    this.vocabularies = Object.fromEntries(
      [...Object.entries(state.vocabularies), ["claims", []]].map(([name, records]) => [
        name,
        new Vocabulary(name, singular(name), records),
      ]),
    );
    this.form = new ClaimForm($("claim"), state, this.vocabularies, this.text, {
      make: (vocabulary, name, id) => makeRecord($("record"), vocabulary, name, id, state.choices),
      edited: () => this.#edited(),
      others: () => this.reading.units,
    });
    this.form.told = (faults) => this.#tell(faults);
    this.form.failed = (error) => this.#problem(error);
    this.current = null;
    this.dirty = false;
    this.timer = 0;
    this.queue = Promise.resolve();
    this.text.show(this.reading.units);
    this.#count();
  }

  // --- going about

  async go(unit, { focus = true } = {}) {
    if (!unit || !(await this.leave())) return;
    this.current = this.reading.units.includes(unit) ? unit : this.#nearest(unit);
    this.#nameClaims();
    this.text.mark(this.current);
    this.form.show(this.current, null);
    if (focus) this.text.root.focus({ preventScroll: true });
    const place = this.reading.units.indexOf(this.current) + 1;
    const words = this.text.slice(this.current.start, this.current.end);
    say(`Passage ${place} of ${this.reading.units.length}, ${told(this.current)}: ${words}`, { seen: true });
  }

  step(by, { todo = false } = {}) {
    const { units } = this.reading;
    let at = units.indexOf(this.current) + by;
    while (todo && units[at] && units[at].decision !== "todo") at += by;
    if (units[at]) return this.go(units[at]);
    return say(by > 0 ? "This is the last passage" : "This is the first passage");
  }

  #nearest({ start }) {
    const { units } = this.reading;
    return units.findLast((unit) => unit.start <= start) ?? units[0];
  }

  #nameClaims() {
    const { claims } = this.vocabularies;
    claims.records.clear();
    const names = this.reading.names();
    this.reading.units.forEach((unit, n) => {
      const name = unit.claim?.statement;
      if (name && unit !== this.current) claims.add({ id: names[n], name, note: "this reading" });
    });
    for (const [id, name] of this.state.claims) claims.add({ id, name });
  }

  // --- writing

  #edited() {
    this.dirty = true;
    $("saved").textContent = "Not saved yet";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.leave(), IDLE);
  }

  // Saves what is typed here, finished or not. Gives whether it is safe.
  async leave() {
    clearTimeout(this.timer);
    await this.queue;
    if (!this.dirty) return true;
    const { decision } = this.current;
    const draft = { ...this.current, decision: decision === "claim" ? "claim" : "todo", why: null };
    return (await this.put([this.current], [{ ...draft, claim: this.form.claim }])) !== null;
  }

  // One change after another; gives the answer, or null where it was not written.
  put(removed, added, options) {
    const change = this.queue.then(() => this.#put(removed, added, options));
    this.queue = change.catch(() => null);
    return change;
  }

  async #put(removed, added, options) {
    const mine = this.dirty;
    this.dirty = false;
    $("saved").textContent = "Saving …";
    try {
      return this.#written(removed, await this.reading.splice(removed, added, options));
    } catch (error) {
      if (error.status === CONFLICT && added.length) {
        const rescued = await this.#beside(added);
        if (rescued) return this.#written(removed, rescued);
      }
      this.dirty = mine || this.dirty;
      this.#problem(error);
      return null;
    }
  }

  // Another window kept the same passage: what is here is kept beside it, still to do.
  async #beside(added) {
    try {
      const state = await ask("state");
      this.reading = new Reading(state);
      this.form.others = () => this.reading.units;
      const mine = added.map((unit) => ({ ...unit, decision: "todo", why: null }));
      const answer = await this.reading.splice([], mine);
      this.text.show(this.reading.units);
      $("problem").hidden = true;
      say("Another window kept this passage too. Yours stands beside it, still to do");
      return answer;
    } catch {
      return null;
    }
  }

  #written(removed, answer) {
    const { added } = answer;
    if (removed.includes(this.current) && added.length) this.current = added[0];
    if (this.form.unit && removed.includes(this.form.unit)) this.form.unit = this.current;
    this.text.current = this.current;
    this.text.change(this.reading.units, [...removed, ...added]);
    $("problem").hidden = true;
    $("saved").textContent = this.dirty ? "Not saved yet" : "Saved";
    this.#count();
    return answer;
  }

  #problem(error) {
    const faults = error instanceof Refused ? error.faults : [];
    const lines = faults.map(({ steps, found, allowed }) => `${steps.join(" ")}: found ${found}; allowed: ${allowed}`);
    $("problem").textContent = [error.message, ...lines].join("\n");
    $("problem").hidden = false;
    $("saved").textContent = "Not saved";
  }

  // --- what a person does

  async keep() {
    clearTimeout(this.timer);
    await this.queue;
    const claim = this.form.claim;
    const kept = { ...this.current, decision: "claim", why: null, claim };
    const answer = await this.put([this.current], [kept]);
    if (!answer) return;
    if (this.current.decision === "todo") {
      this.form.judge(answer.faults[0]);
      this.form.next();
      say(`Saved, but ${open(answer.faults[0])} left to do here`);
      return;
    }
    say("Kept");
    await this.#onwards();
  }

  #onwards() {
    const { units } = this.reading;
    const at = units.indexOf(this.current);
    const next = [...units.slice(at + 1), ...units.slice(0, at)].find((unit) => unit.decision === "todo");
    if (next) return this.go(next);
    say("Kept. Nothing is left to do: finish the reading");
    this.form.show(this.current, null);
    return $("finish").focus();
  }

  get selected() {
    const selection = this.text.selection;
    return selection && selection.start < selection.end ? this.text.trimmed(selection) : null;
  }

  // A claim of what is selected; the untouched passages it cuts keep what lies beside it.
  async claim() {
    const span = this.selected;
    if (!this.current && !span) return;
    if (!(await this.leave())) return;
    const whole = !span || (span.start === this.current?.start && span.end === this.current?.end);
    if (whole && this.current.decision !== "claim") return this.#begin();
    const at = whole ? this.current : span;
    const cut = this.reading.units.filter(
      (unit) => untouched(unit) && unit.start < at.end && at.start < unit.end,
    );
    const parts = cut.flatMap((unit) => this.#beyond(unit, at));
    const holder = cut[0] ?? this.text.unitsAt(at.start)[0];
    const unit = fresh(at, holder);
    const answer = await this.put(cut, [unit, ...parts]);
    if (answer) await this.go(answer.added[0]);
    return this.#begin();
  }

  #begin() {
    document.getSelection().removeAllRanges();
    if (!this.form.next()) this.form.field("statement").focus();
  }

  #beyond(unit, { start, end }) {
    const rests = [
      { start: unit.start, end: start },
      { start: end, end: unit.end },
    ];
    return rests
      .map((rest) => rest.start < rest.end && this.text.trimmed(rest))
      .filter((rest) => rest && (this.text.slice(rest.start, rest.end).match(/[\p{L}\p{N}]+/gu) ?? []).length > 1)
      .map((rest) => fresh(rest, unit));
  }

  async split() {
    const at = this.text.selection?.start;
    const unit = this.current;
    if (!unit || at === undefined || at <= unit.start || at >= unit.end) {
      return say("Put the cursor where the second part begins, with the arrows or a click");
    }
    if (!(await this.leave())) return null;
    const now = this.current;
    const first = this.text.trimmed({ start: now.start, end: at });
    const second = this.text.trimmed({ start: at, end: now.end });
    if (!first || !second) return say("There is nothing on one side");
    const claim = now.claim && { ...now.claim, statement: undefined };
    const parts = [
      { ...now, ...first, decision: "todo", why: null },
      { ...now, ...second, decision: "todo", why: null, claim },
    ];
    const answer = await this.put([now], parts);
    return answer && this.go(answer.added[0]);
  }

  async respan() {
    const span = this.selected;
    if (!span || !this.current) return say("Select the words of this claim first");
    if (!(await this.leave())) return null;
    const { decision } = this.current;
    const answer = await this.put([this.current], [{ ...this.current, ...span, decision }]);
    return answer && this.go(answer.added[0]);
  }

  hedge() {
    const span = this.selected;
    if (!span) return say("Select the hedging words first");
    const word = this.text.slice(span.start, span.end);
    this.form.field("hedges").add(word);
    return say(`Hedge: ${word}`);
  }

  async none() {
    const why = await choose($("why"));
    if (!why || !this.current) return;
    clearTimeout(this.timer);
    await this.queue;
    const unit = { ...this.current, decision: "none", why, claim: null };
    this.dirty = false;
    if (await this.put([this.current], [unit])) await this.#onwards();
  }

  async remove() {
    if (!this.current || !(await this.leave())) return;
    const gone = this.current;
    if (!(await this.put([gone], []))) return;
    say("Removed; u brings it back");
    this.current = null;
    if (this.reading.units.length) await this.go(this.#nearest(gone));
  }

  async undo() {
    if (!(await this.leave())) return;
    try {
      const step = await this.reading.undo();
      if (!step) return say("There is nothing to undo");
      this.text.change(this.reading.units, [...step.removed, ...step.added]);
      this.#count();
      await this.go(step.added[0] ?? this.#nearest(step.removed[0]));
      return say("Undone");
    } catch (error) {
      return this.#problem(error);
    }
  }

  async finish() {
    if (!(await this.leave())) return;
    try {
      const { finished } = await ask("finished", { finished: !this.reading.finished });
      this.reading.finished = finished;
      this.#count();
      say(finished ? "The reading is finished" : "The reading is open again");
    } catch (error) {
      const saved = $("saved").textContent; // to finish is refused, and nothing is unsaved
      this.#problem(error);
      if (error.status === CONFLICT) $("saved").textContent = saved;
    }
  }

  // --- what is told

  #tell(faults) {
    const left = faults.filter(({ severity }) => severity !== "warning").length;
    const doubts = faults.length - left;
    const parts = [left ? `${left} left` : "complete", doubts ? `${doubts} to think over` : ""];
    $("left-to-do").textContent = parts.filter(Boolean).join(", ");
    $("left-to-do").classList.toggle("todo", left > 0);
  }

  #count() {
    const { units, done, finished } = this.reading;
    const end = finished ? ", reading finished" : "";
    $("count").textContent = `${done} of ${units.length} passages done${end}`;
    $("finish").textContent = finished ? "Open the reading again" : "Finish the reading";
    document.body.classList.toggle("finished", finished);
  }
}

function fresh(span, holder) {
  const { start, end } = span;
  const proposed = holder?.proposed ?? null;
  return { start, end, decision: "todo", why: null, claim: null, proposed, changed: null };
}

function untouched(unit) {
  return unit.decision === "todo" && unit.claim === null;
}

function open(faults) {
  return faults.filter(({ severity }) => severity !== "warning").length;
}

function told({ decision, why }) {
  if (decision === "none") return `no claim, ${why?.replaceAll("_", " ")}`;
  return decision === "claim" ? "done" : "to do";
}

// What is chosen in a dialog, by a press or by the key of a button.
function choose(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.onclose = () => resolve(dialog.returnValue);
    dialog.onkeydown = (event) => {
      const pressed = dialog.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
      if (!pressed || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      dialog.close(pressed.value);
    };
    dialog.showModal();
  });
}

try {
  const bench = new Workbench(await ask("state"));
  listen(bench);
  addEventListener("pagehide", () => bench.leave());
  await bench.go(bench.reading.units.find((unit) => unit.decision === "todo") ?? bench.reading.units[0]);
  document.body.dataset.ready = "";
} catch (error) {
  $("problem").textContent = error.message;
  $("problem").hidden = false;
  throw error;
}
