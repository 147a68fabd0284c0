// One record that is revised, replaced or withdrawn: what is open stands beside its field, and one
// press writes it.

import { ask } from "./api.js";
import { DateField } from "./dates.js";
import { element, say } from "./dom.js";
import { ChoiceField, RecordsField, TextField, WordsField } from "./fields.js";
import { ListField } from "./lists.js";
import { read, write } from "./paths.js";
import { Vocabulary } from "./vocabulary.js";

const PAUSE = 180; // ms without a key before what is typed is checked and kept
const $ = (id) => document.getElementById(id);
const words = (value) => (value === null ? "none" : String(value).replaceAll("_", " "));
const HOW = [
  { value: "there", label: "one that is there" },
  { value: "new", label: "a new one" },
];

const CONTROLS = {
  text: (form, path, label, { hint }) => new TextField(form, path, label, { hint }),
  number: (form, path, label, { hint }) => new TextField(form, path, label, { hint, number: true }),
  choice: (form, path, label, { choices }) =>
    new ChoiceField(form, path, label, choices.map((value) => ({ value, label: words(value) }))),
  date: (form, path, label) => new DateField(form, path, label),
  record: (form, path, label, { vocabulary }) =>
    new RecordsField(form, path, label, vocabulary, { single: true, optional: true }),
  words: (form, path, label) => new WordsField(form, path, label),
  rows: (form, path, label, { columns }) => new ListField(form, path, label, "object", columns),
};

class RecordForm {
  constructor(root, state) {
    this.choices = state.choices;
    this.vocabularies = Object.fromEntries(
      Object.entries(state.vocabularies).map(([name, records]) => [
        name,
        new Vocabulary(name, name.replace(/s$/, ""), records.filter(({ id }) => id !== state.id)),
      ]),
    );
    this.timer = 0;
    this.fields = this.#fields(state);
    this.typed = false;
    for (const field of this.fields) {
      field.before = read(state.said, field.path);
      field.value = field.before;
      field.untouched = JSON.stringify(field.value);
    }
    root.replaceChildren(
      this.#group(state.what === "supersede" ? "In its place" : "The record", "record", "how", "by"),
      this.#group("Why", "reason"),
    );
    this.#arrange();
  }

  #fields({ what, kind, form }) {
    const fields = form.map(({ path, label, control, ...more }) =>
      CONTROLS[control](this, `record.${path}`, label, more),
    );
    if (what === "supersede") {
      fields.unshift(new RecordsField(this, "by", `The other ${kind}`, `${kind}s`, { single: true }));
      if (form.length) fields.unshift(new ChoiceField(this, "how", "Which record", HOW));
    }
    fields.push(new TextField(this, "reason", "The reason", { rows: 2, hint: "as it is told with the change" }));
    return fields;
  }

  #group(title, ...keys) {
    const own = this.fields.filter(({ path }) => keys.includes(path.split(".")[0]));
    const group = element("fieldset", {}, [element("legend", {}, [title]), ...own.map((each) => each.element)]);
    group.hidden = !own.length;
    return group;
  }

  #arrange() {
    const how = this.fields.find(({ path }) => path === "how");
    if (how && how.value === undefined) how.value = "there";
    for (const { path, element: shown } of this.fields) {
      if (how && path.startsWith("record.")) shown.hidden = how.value !== "new";
      if (how && path === "by") shown.hidden = how.value === "new";
    }
  }

  // What nobody touched is as it was, to the character.
  get value() {
    const said = { record: {} };
    for (const field of this.fields) {
      const same = JSON.stringify(field.value) === field.untouched;
      write(said, field.path, same ? field.before : field.value);
    }
    return said;
  }

  changed() {
    this.typed = true;
    this.#arrange();
    $("saved").textContent = "Not kept yet";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), PAUSE);
  }

  async check() {
    clearTimeout(this.timer);
    const asked = (this.asked = {});
    try {
      const { faults } = await ask("check", { said: this.value, typed: this.typed });
      if (asked !== this.asked) return;
      this.#judge(faults);
      $("saved").textContent = this.typed ? "Kept, not written" : "";
    } catch (error) {
      problem(error.message);
    }
  }

  #judge(faults) {
    const left = new Map(this.fields.map((field) => [field, []]));
    for (const fault of faults) left.get(this.#fieldAt(fault.steps)).push(fault);
    for (const [field, own] of left) field.judge(own);
    $("left-to-do").textContent = faults.length ? `${faults.length} left` : "complete";
    $("left-to-do").classList.toggle("todo", faults.length > 0);
  }

  #fieldAt(steps) {
    for (let n = steps.length; n > 0; n -= 1) {
      const path = steps.slice(0, n).join(".");
      const field = this.fields.find((each) => each.path === path || each.path.startsWith(`${path}.`));
      if (field) return field;
    }
    return this.fields[0];
  }

  // Goes to the next field that is to do or to mend, after the one with the focus.
  next() {
    const open = this.fields.filter((field) => field.element.matches(".todo, .wrong") && !field.element.hidden);
    const now = this.fields.findIndex((field) => field.element.contains(document.activeElement));
    const field = open.find((each) => this.fields.indexOf(each) > now) ?? open[0];
    if (!field) return $("write").focus();
    field.focus();
    return field.element.scrollIntoView({ block: "nearest" });
  }

  async write() {
    await this.check();
    if (this.fields.some((field) => field.element.matches(".todo, .wrong") && !field.element.hidden)) {
      this.next();
      return say($("left-to-do").textContent);
    }
    $("write").disabled = true;
    try {
      const { outcome } = await ask("write", this.value);
      return written(outcome);
    } catch (error) {
      $("write").disabled = false;
      return problem(error.message);
    }
  }
}

function problem(message) {
  $("problem").textContent = message;
  $("problem").hidden = false;
}

function written([count, by]) {
  const changes = `${count} ${count === 1 ? "change is" : "changes are"} written`;
  $("problem").hidden = true;
  $("saved").textContent = "Written";
  $("record").replaceChildren(
    element("p", { class: "written", tabindex: "-1" }, [
      by ? `${changes}: the record is ${by} now.` : `${changes}.`,
      " The command has ended: close this page.",
    ]),
  );
  document.querySelector(".written").focus();
}

function about({ shown, named_by, count, what }) {
  const rows = shown.map(([key, value]) =>
    element("div", {}, [element("dt", {}, [key]), element("dd", { dir: "auto" }, [value])]),
  );
  $("shown").replaceChildren(...rows);
  $("shown").hidden = !rows.length;
  if (!count) return;
  const refer = `${count} ${count === 1 ? "record refers" : "records refer"} to it`;
  const then = {
    revise: "",
    supersede: ", and will refer to the one in its place:",
    withdraw: ", so that it cannot be withdrawn before they do no more:",
  };
  const items = named_by.map(({ id, name, kind }) =>
    element("li", {}, [`${kind} `, element("bdi", {}, [name]), " ", element("code", {}, [id])]),
  );
  if (count > named_by.length) items.push(element("li", {}, [`and ${count - named_by.length} more`]));
  const open = what === "revise" ? {} : { open: "" };
  const told = element("summary", {}, [refer + then[what]]);
  $("named-by").replaceChildren(element("details", open, [told, element("ul", {}, items)]));
  $("named-by").hidden = false;
}

function listen(form) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) form.write();
    else if (key === "Enter" && !target.matches("button, a")) form.next();
    else return;
    event.preventDefault();
  });
  $("write").addEventListener("click", () => form.write());
  $("form").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("pagehide", () => $("saved").textContent === "Not kept yet" && form.check());
}

try {
  const state = await ask("state");
  about(state);
  const form = new RecordForm($("form"), state);
  listen(form);
  await form.check();
  if (["add", "revise"].includes(state.what)) form.fields[0].focus();
  else form.next();
  document.body.dataset.ready = "";
} catch (error) {
  problem(error.message);
  throw error;
}
