// Fields with rows of several parts: relations, rival readings, further evidence.

import { button, element } from "./dom.js";
import { Field } from "./fields.js";
import { Picker } from "./picker.js";

const WHAT = { relation: "a relation", alternative: "a rival reading", passage: "the selection", object: "a row" };

export class ListField extends Field {
  // `columns` are the keys of the objects of which a plain list consists.
  constructor(form, path, label, kind, columns = []) {
    super(form, path, label);
    Object.assign(this, { kind, columns });
    this.rows = [];
    this.list = element("ul", { class: "rows" });
    this.add = button(`Add ${WHAT[kind]}`, () => this.#add(), { class: "plain" });
    this.control.append(this.list, this.add);
  }

  get value() {
    return this.rows.length ? this.rows.map((row) => row.value()) : undefined;
  }

  set value(values) {
    this.rows = [];
    this.list.replaceChildren();
    for (const value of values ?? []) this.#row(value);
  }

  words(value) {
    return `${value.length} ${this.label.toLowerCase()}`;
  }

  focus() {
    (this.list.querySelector("select, input") ?? this.add).focus();
  }

  #add() {
    const selection = this.form.text.selection;
    const span = selection && this.form.text.trimmed(selection);
    if (this.kind === "passage" && !span) {
      this.add.title = "Select the words in the text first";
      return;
    }
    const row = this.#row(this.kind === "passage" ? span : {});
    row.querySelector("select, input").focus();
    this.changed();
  }

  #row(value) {
    const row = this[`_${this.kind}`](value);
    const item = element("li", {}, row.parts);
    item.append(
      button("Remove", () => {
        this.rows = this.rows.filter((each) => each !== row);
        item.remove();
        this.add.focus();
        this.changed();
      }, { class: "plain" }),
    );
    this.rows.push(row);
    this.list.append(item);
    return item;
  }

  _relation({ type, claim, rationale }) {
    const kind = this.#select("how it is related", this.form.choices.relation, type);
    const target = this.#picker("the other claim", this.form.vocabularies.claims, true, claim ? [claim] : []);
    const why = this.#input("the reason of the relation", rationale);
    const value = () =>
      known({ type: kind.value, claim: target.ids[0], rationale: tidy(why.value) });
    return { parts: [kind, target.element, why], value };
  }

  _alternative({ sources, attribution, rationale }) {
    const kind = this.#select("attribution of the rival reading", this.form.choices.attribution, attribution);
    const cited = (sources ?? []).filter(({ role }) => role !== "publisher");
    const chain = this.#picker("who says it in the rival reading", this.form.vocabularies.agents, false, cited.map(({ agent }) => agent));
    const cues = new Map(cited.map(({ agent, cue }) => [agent, cue]));
    const why = this.#input("the reason of the rival reading", rationale);
    const { publisher } = this.form;
    const value = () => {
      const links = chain.ids.map((agent, n) => ({ agent, role: n ? "relayer" : "speaker", cue: cues.get(agent) ?? null }));
      const all = [...links, { agent: publisher, role: "publisher", cue: null }];
      return known({ sources: all, attribution: kind.value, rationale: tidy(why.value) });
    };
    return { parts: [kind, chain.element, why], value };
  }

  _passage({ start, end, fidelity, role, locator }) {
    const words = element("q", { dir: "auto" }, [this.form.text.slice(start, end)]);
    const how = this.#select("how close it is", this.form.choices.fidelity, fidelity);
    const part = this.#select("what it does", this.form.choices.evidence_role, role);
    const value = () => known({ start, end, fidelity: how.value, role: part.value, locator: locator ?? undefined });
    return { parts: [words, how, part], value };
  }

  _object(said) {
    const named = this.columns.map((key) => [key, this.#input(key, said[key])]);
    const value = () => known(Object.fromEntries(named.map(([key, input]) => [key, tidy(input.value)])));
    return { parts: named.map(([, input]) => input), value };
  }

  #select(label, values, chosen) {
    const options = ["", ...values].map((value) =>
      element("option", { value }, [value ? value.replaceAll("_", " ") : "–"]),
    );
    const select = element("select", { "aria-label": label }, options);
    select.value = chosen ?? "";
    select.addEventListener("input", () => this.changed());
    return select;
  }

  #picker(label, vocabulary, single, ids) {
    const make = vocabulary === this.form.vocabularies.agents ? this.form.make : null;
    const picker = new Picker({ label, vocabulary, single, make, changed: () => this.changed(), placeholder: label });
    picker.set(ids);
    return picker;
  }

  #input(label, value) {
    const input = element("input", { type: "text", "aria-label": label, placeholder: label, dir: "auto" });
    input.value = value ?? "";
    input.addEventListener("input", () => this.changed());
    return input;
  }
}

function tidy(text) {
  return text.replace(/\s+/g, " ").trim();
}

function known(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ""));
}
