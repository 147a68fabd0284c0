// A date: as EDTF, how it is known, and a note. Candidates are taken with a press.

import { button, element } from "./dom.js";
import { Field } from "./fields.js";

export class DateField extends Field {
  constructor(form, path, label, options = {}) {
    super(form, path, label, options);
    this.candidates = element("div", { class: "candidates", role: "group" });
    this.candidates.setAttribute("aria-label", `${label}: candidates`);
    this.edtf = element("input", { type: "text", class: "edtf", placeholder: "2026-03" });
    this.edtf.setAttribute("aria-label", `${label}, as EDTF`);
    this.basis = element("select", { "aria-label": `${label}: how it is known` });
    const bases = form.choices.basis.map((value) => element("option", { value }, [value]));
    this.basis.append(element("option", { value: "" }, ["known how?"]), ...bases);
    this.note = element("input", { type: "text", class: "wide", dir: "auto", placeholder: "note" });
    this.note.setAttribute("aria-label", `${label}: note`);
    this.none = false;
    this.known = [];
    for (const each of [this.edtf, this.basis, this.note]) {
      each.addEventListener("input", () => this.#typed(each));
    }
    const row = element("div", { class: "row" }, [this.edtf, this.basis, this.note]);
    this.control.append(this.candidates, row);
  }

  #typed(input) {
    this.none = false;
    const same = this.known.find((each) => each?.edtf === this.edtf.value.trim());
    if (input === this.edtf && same && !this.basis.value) this.#write(same);
    this.#press();
    this.changed();
  }

  get value() {
    const edtf = this.edtf.value.trim();
    if (!edtf) return this.none ? null : undefined;
    const date = { edtf };
    if (this.basis.value) date.basis = this.basis.value;
    date.note = this.note.value.replace(/\s+/g, " ").trim() || null;
    return date;
  }

  set value(value) {
    this.#write(value);
    this.#press();
  }

  #write(value) {
    this.none = value === null;
    this.edtf.value = value?.edtf ?? "";
    this.basis.value = value?.basis ?? "";
    this.note.value = value?.note ?? "";
  }

  // Shows candidates (dates, and null for "none"), none of them chosen.
  rank(dates) {
    this.known = dates;
    this.candidates.replaceChildren(
      ...dates.map((date) => {
        const take = button(date ? date.edtf : "none", () => {
          this.value = date;
          this.changed();
        });
        if (date?.note) take.title = date.note;
        if (date) take.append(element("span", { class: "note" }, [` ${date.basis}`]));
        return take;
      }),
    );
    this.#press();
  }

  #press() {
    const now = JSON.stringify(this.value);
    [...this.candidates.children].forEach((each, n) => {
      each.setAttribute("aria-pressed", String(now === JSON.stringify(plain(this.known[n]))));
    });
  }

  words(value) {
    return value ? [value.edtf, value.basis, value.note].filter(Boolean).join(", ") : "none";
  }

  focus() {
    (this.candidates.querySelector("button") ?? this.edtf).focus();
  }
}

function plain(date) {
  return date && { edtf: date.edtf, basis: date.basis, note: date.note ?? null };
}
