// The units of the reading, as they are on disk: every change is one step, written before it is shown.

import { ask } from "./api.js";

export class Reading {
  constructor(state) {
    this.units = sorted(state.units.map(unsent));
    this.finished = state.finished;
    this.steps = []; // what can be undone: `{removed, added}` of units
  }

  // Puts units in the place of others. Gives `{added, faults}`. Throws what `ask` throws.
  async splice(removed, added, { undoable = true } = {}) {
    const answer = await ask("units", {
      remove: removed.map((unit) => unit.tag),
      add: added.map((unit) => ({ ...unit, tag: undefined })),
    });
    const fresh = answer.units.map(unsent);
    this.units = sorted([...this.units.filter((unit) => !removed.includes(unit)), ...fresh]);
    for (const { tag, unit } of answer.related) {
      const other = this.units.find((each) => each.tag === tag);
      if (other) Object.assign(other, unit);
    }
    this.finished = answer.finished;
    if (undoable) this.#remember(removed, fresh);
    return { added: fresh, faults: answer.faults };
  }

  #remember(removed, added) {
    // What is typed into one passage is one step, however often it was saved meanwhile.
    const last = this.steps.at(-1);
    const same = last && removed.length === 1 && last.added.length === 1 && last.added[0] === removed[0];
    if (same && added.length === 1 && removed[0].decision === "todo") last.added = added;
    else this.steps.push({ removed, added });
  }

  // Takes back the last step. Gives the units that are there again, or null.
  async undo() {
    const step = this.steps.at(-1);
    if (!step) return null;
    const { added } = await this.splice(step.added, step.removed, { undoable: false });
    this.steps.pop();
    for (const each of this.steps) {
      each.added = each.added.map((unit) => added[step.removed.indexOf(unit)] ?? unit);
    }
    return { removed: step.added, added };
  }

  // The names by which relations mean units: their spans, numbered where several share one.
  names() {
    const seen = new Map();
    return this.units.map(({ start, end }) => {
      const span = `${start}-${end}`;
      const number = (seen.get(span) ?? 0) + 1;
      seen.set(span, number);
      return number > 1 ? `${span}.${number}` : span;
    });
  }

  get done() {
    return this.units.filter((unit) => unit.decision !== "todo").length;
  }
}

function unsent(unit) {
  return { ...unit };
}

function sorted(units) {
  return units
    .map((unit, n) => [unit, n])
    .sort(([a, n], [b, m]) => a.start - b.start || a.end - b.end || n - m)
    .map(([unit]) => unit);
}
