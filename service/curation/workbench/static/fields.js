// The fields of a claim: each has a path in the claim, a control, a place for what is wrong with it,
// and for what the draft offers. The value of an open field is `undefined`.

import { button, element } from "./dom.js";
import { Picker } from "./picker.js";

let count = 0;

class Field {
  // `form` is told of each change, and knows vocabularies and choices.
  constructor(form, path, label, { hint = "", needs } = {}) {
    Object.assign(this, { form, path, label, needs });
    this.id = `field-${(count += 1)}`;
    this.offered = undefined;
    this.title = element("span", { class: "label", id: `${this.id}-label` }, [label, " "]);
    this.state = element("span", { class: "state" });
    this.faults = element("ul", { class: "faults", id: `${this.id}-faults` });
    this.offer = element("p", { class: "offer", hidden: "" });
    const head = element("div", { class: "name" }, [this.title, this.state]);
    if (hint) head.append(element("span", { class: "hint" }, [hint]));
    this.control = element("div", { class: "control" });
    const side = element("div", { class: "side" }, [this.control, this.offer, this.faults]);
    this.element = element("div", { class: "field", "data-path": path }, [head, side]);
  }

  changed() {
    this.form.changed(this);
  }

  // Shows what the draft offers; taken with a key or a press.
  propose(value) {
    this.offered = value;
    this.offer.replaceChildren();
    this.offer.hidden = value === undefined;
    if (value === undefined) return;
    const words = this.words(value);
    const take = button(words, () => this.confirm(), { class: "offered" });
    take.setAttribute("aria-label", `${this.label}: take what is offered, ${words}`);
    this.offer.append(take, element("kbd", {}, ["y"]));
  }

  confirm() {
    const value = this.offered;
    this.propose(undefined);
    this.value = value;
    this.changed();
  }

  words(value) {
    return Array.isArray(value) ? value.join(", ") || "none" : String(value ?? "none");
  }

  // Whether it is still to be done, and what is wrong otherwise: faults as the workbench found them.
  judge(faults) {
    const todo = faults.some((each) => each.severity === "todo");
    const wrong = faults.some((each) => each.severity === "error");
    this.element.classList.toggle("todo", todo);
    this.element.classList.toggle("wrong", wrong);
    this.element.classList.toggle("doubtful", !wrong && !todo && faults.length > 0);
    this.state.textContent = todo ? "to do" : wrong ? "to mend" : "";
    const told = faults.filter((each) => each.severity !== "todo");
    this.faults.replaceChildren(...told.map(line));
    for (const each of this.focusable()) {
      each.setAttribute("aria-describedby", this.faults.id);
      each.setAttribute("aria-invalid", String(wrong));
    }
  }

  focusable() {
    return this.control.querySelectorAll("input, textarea, select");
  }

  focus() {
    (this.control.querySelector(":checked") ?? this.control.querySelector("input, textarea, select, button"))?.focus();
  }
}

function line({ severity, rule, found, allowed }) {
  const name = rule ? ` (${rule})` : "";
  return element("li", { class: severity }, [`found ${found}; allowed: ${allowed}${name}`]);
}

export class TextField extends Field {
  constructor(form, path, label, options = {}) {
    super(form, path, label, options);
    const name = options.rows ? "textarea" : "input";
    this.input = element(name, { "aria-label": label, dir: "auto", autocomplete: "off" });
    if (options.rows) this.input.rows = options.rows;
    if (options.suggest) {
      this.suggestions = element("datalist", { id: `${this.id}-list` });
      this.input.setAttribute("list", this.suggestions.id);
      this.control.append(this.suggestions);
    }
    this.number = options.number;
    this.input.addEventListener("input", () => this.changed());
    this.control.append(this.input);
  }

  get value() {
    const text = this.input.value.replace(/\s+/g, " ").trim();
    if (!text) return undefined;
    return this.number && Number.isFinite(Number(text)) ? Number(text) : text;
  }

  set value(value) {
    this.input.value = value ?? "";
  }

  suggest(texts) {
    const options = [...new Set(texts)].map((text) => element("option", { value: text }));
    this.suggestions.replaceChildren(...options);
  }
}

export class ChoiceField extends Field {
  // `choices` are `{value, label, key}`; the key is the one that chooses it from the text.
  constructor(form, path, label, choices, options = {}) {
    super(form, path, label, options);
    this.choices = choices;
    this.group = element("div", { class: "choices", role: "radiogroup" });
    this.group.setAttribute("aria-labelledby", this.title.id);
    this.boxes = choices.map(({ value, label: text, key }) => {
      const box = element("input", { type: "radio", name: this.id });
      box.addEventListener("change", () => this.changed());
      const offer = element("span", { class: "sr offer-word" });
      const name = element("label", {}, [box, element("span", {}, [text]), offer]);
      if (key) name.append(element("kbd", { "aria-hidden": "true" }, [key]));
      this.group.append(name);
      box.choice = value;
      return box;
    });
    this.control.append(this.group);
  }

  get value() {
    return this.boxes.find((box) => box.checked)?.choice;
  }

  set value(value) {
    for (const box of this.boxes) box.checked = box.choice === value;
    if (this.offered !== undefined && value !== undefined) this.propose(undefined);
  }

  choose(value) {
    this.value = value;
    this.changed();
  }

  propose(value) {
    super.propose(value);
    this.offer.hidden = true; // the choice itself is dashed
    for (const box of this.boxes) {
      const offered = value !== undefined && box.choice === value;
      box.parentElement.classList.toggle("offered", offered);
      box.parentElement.querySelector(".offer-word").textContent = offered ? " (offered)" : "";
    }
  }

  words(value) {
    return this.choices.find((each) => each.value === value)?.label ?? String(value);
  }
}

export class RecordsField extends Field {
  constructor(form, path, label, vocabulary, { single = false, optional = false, ...options } = {}) {
    super(form, path, label, options);
    this.vocabulary = form.vocabularies[vocabulary];
    this.single = single;
    this.decided = false;
    this.picker = new Picker({
      label,
      vocabulary: this.vocabulary,
      single,
      make: form.make,
      placeholder: optional ? "none" : "",
      changed: () => {
        this.decided = true;
        this.changed();
      },
    });
    this.control.append(this.picker.element);
  }

  get value() {
    const { ids } = this.picker;
    if (!ids.length && !this.decided) return undefined;
    return this.single ? (ids[0] ?? null) : [...ids];
  }

  set value(value) {
    this.decided = value !== undefined;
    const ids = value === undefined || value === null ? [] : this.single ? [value] : value;
    this.picker.set(ids);
  }

  rank(ids) {
    this.picker.ranked = ids ?? [];
  }

  words(value) {
    if (value === null || value?.length === 0) return "none";
    return [value].flat().map((id) => this.vocabulary.title(id)).join(", ");
  }

  focus() {
    this.picker.focus();
  }
}

// Words of the document, each with a button that removes it; typed, or taken from the selection.
export class WordsField extends Field {
  constructor(form, path, label, options) {
    super(form, path, label, options);
    this.words_ = undefined;
    this.chips = element("ul", { class: "chips" });
    this.input = element("input", { type: "text", "aria-label": label, dir: "auto" });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && this.input.value.trim()) {
        event.preventDefault();
        event.stopPropagation();
        this.add(this.input.value.trim());
      } else if (event.key === "Backspace" && !this.input.value && this.words_?.length) {
        this.#changeTo(this.words_.slice(0, -1));
      }
    });
    this.input.addEventListener("change", () => {
      if (this.input.value.trim()) this.add(this.input.value.trim());
    });
    this.control.append(element("div", { class: "picker" }, [this.chips, this.input]));
  }

  get value() {
    return this.words_;
  }

  set value(value) {
    this.words_ = value;
    this.input.value = "";
    this.#draw();
  }

  add(word) {
    this.input.value = "";
    this.#changeTo([...new Set([...(this.words_ ?? []), word])]);
  }

  #changeTo(words) {
    this.words_ = words;
    this.#draw();
    this.changed();
  }

  #draw() {
    const words = this.words_ ?? [];
    const chips = words.map((word) => {
      const remove = button("×", () => this.#changeTo(words.filter((each) => each !== word)));
      remove.setAttribute("aria-label", `Remove ${word}`);
      return element("li", {}, [element("span", { dir: "auto" }, [word]), remove]);
    });
    this.chips.replaceChildren(...chips);
    this.chips.hidden = !chips.length;
  }
}

export { Field };
