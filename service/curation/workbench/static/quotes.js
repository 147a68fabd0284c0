// The quotations of a claim: all that stand inside its passage, found by the program. Only whose words
// they are is for a person to say, where it is not the origin of the claim.

import { element } from "./dom.js";
import { Field } from "./fields.js";

export class QuotesField extends Field {
  constructor(form, path, label) {
    super(form, path, label);
    this.speakers = new Map();
    this.spans = [];
    this.list = element("ul", { class: "rows" });
    this.control.append(this.list);
  }

  get value() {
    const origin = this.#origin;
    return this.spans.map(({ start, end }) => {
      const speaker = this.speakers.get(start) ?? origin;
      return { text: this.form.text.slice(start, end), ...(speaker && { speaker }), start, end };
    });
  }

  set value(quotes) {
    this.speakers = new Map();
    for (const { start, speaker } of quotes ?? []) if (speaker) this.speakers.set(start, speaker);
    this.kept = quotes ?? [];
  }

  get #origin() {
    const chain = this.form.field("sources").value ?? [];
    return chain[0]?.role === "speaker" ? chain[0].agent : undefined;
  }

  // Follows the span of the unit, and the chain of its sources.
  arrange(unit, narrated) {
    const passages = narrated ? [] : [unit, ...(this.form.field("further_evidence").value ?? [])];
    const inside = [...new Set(passages.flatMap((each) => this.form.text.quotationsIn(each)))];
    this.spans = inside;
    const chain = (this.form.field("sources").value ?? []).map(({ agent }) => agent);
    for (const [start, speaker] of this.speakers) {
      if (speaker === chain[0]) this.speakers.delete(start);
    }
    this.element.hidden = !inside.length;
    this.list.replaceChildren(...inside.map((span) => this.#row(span, chain)));
  }

  #row({ start, end }, chain) {
    const words = element("q", { dir: "auto" }, [this.form.text.slice(start, end)]);
    const select = element("select", { "aria-label": "whose words these are" });
    const { agents } = this.form.vocabularies;
    const cited = [...new Set([...chain.slice(0, -1), this.speakers.get(start)])].filter(Boolean);
    for (const id of cited) select.append(element("option", { value: id }, [agents.title(id)]));
    select.value = this.speakers.get(start) ?? chain[0] ?? "";
    select.hidden = cited.length < 2;
    select.addEventListener("input", () => {
      this.speakers.set(start, select.value);
      this.changed();
    });
    return element("li", {}, [words, select]);
  }

  propose() {}
}
