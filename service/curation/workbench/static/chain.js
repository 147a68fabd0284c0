// Who says it: the origin first, those who relay it, and the publisher, whom the program adds.

import { element } from "./dom.js";
import { Field } from "./fields.js";
import { Picker } from "./picker.js";

export class ChainField extends Field {
  constructor(form, path, label, options = {}) {
    super(form, path, label, options);
    this.cues = new Map();
    this.suggestions = element("datalist", { id: `${this.id}-cues` });
    this.rows = element("div", { class: "cues" });
    this.picker = new Picker({
      label: `${label}: the origin first`,
      vocabulary: form.vocabularies.agents,
      make: form.make,
      changed: () => {
        this.#draw();
        this.changed();
      },
    });
    const last = form.vocabularies.agents.title(form.publisher);
    this.end = element("p", { class: "end" }, ["→ ", element("bdi", {}, [last]), " (publisher)"]);
    this.control.append(this.picker.element, this.end, this.rows, this.suggestions);
  }

  // `narrated`: in the document's own voice, whose chain is the publisher alone.
  get value() {
    const { ids } = this.picker;
    if (!ids.length) return this.narrated ? [this.#link(this.form.publisher, "publisher")] : undefined;
    const links = ids.map((id, n) => this.#link(id, n ? "relayer" : "speaker"));
    return [...links, this.#link(this.form.publisher, "publisher")];
  }

  set value(sources) {
    const cited = (sources ?? []).filter(({ role }) => role !== "publisher");
    this.cues = new Map((sources ?? []).map(({ agent, cue }) => [agent, cue ?? ""]));
    this.picker.set(cited.map(({ agent }) => agent));
    this.#draw();
  }

  #link(agent, role) {
    return { agent, role, cue: this.cues.get(agent)?.trim() || null };
  }

  narrate(narrated) {
    this.narrated = narrated;
    this.picker.element.hidden = narrated;
    this.rows.hidden = narrated;
    if (narrated && this.picker.ids.length) this.value = undefined;
  }

  rank(ids, cues) {
    this.picker.ranked = ids ?? [];
    this.suggestions.replaceChildren(...cues.map((value) => element("option", { value })));
    this.found = cues;
  }

  #draw() {
    const { agents } = this.form.vocabularies;
    this.rows.replaceChildren(
      ...this.picker.ids.map((id) => {
        const input = element("input", { type: "text", dir: "auto", placeholder: "none" });
        input.setAttribute("list", this.suggestions.id);
        input.value = this.cues.get(id) ?? "";
        input.addEventListener("input", () => {
          this.cues.set(id, input.value);
          this.changed();
        });
        return element("label", {}, ["reporting word of ", element("bdi", {}, [agents.title(id)]), input]);
      }),
    );
  }

  words(value) {
    const { agents } = this.form.vocabularies;
    return value
      .map(({ agent, cue }) => agents.title(agent) + (cue ? `, “${cue}”` : ""))
      .join(" → ");
  }

  focus() {
    if (!this.narrated) this.picker.focus();
  }
}
