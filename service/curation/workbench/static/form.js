// The form of one claim: its fields, what the draft proposed, what is wrong, and its value.

import { ask } from "./api.js";
import { ChainField } from "./chain.js";
import { DateField } from "./dates.js";
import { element, say } from "./dom.js";
import { ChoiceField, RecordsField, TextField, WordsField } from "./fields.js";
import { ListField } from "./lists.js";
import { read, write } from "./paths.js";
import { QuotesField } from "./quotes.js";

const PAUSE = 180; // ms without a key before a claim is checked
const GOALS = ["goal", "directive"]; // kinds that announce one (codebook, rule 5)
const CREDIBILITY = ["confirmed", "probable", "possible", "doubtful", "improbable", "cannot be judged"];
const words = (value) => String(value).replaceAll("_", " ");
const plain = (values) => values.map((value) => ({ value, label: words(value) }));
const graded = (values) => values.map((value) => ({ value, label: `${value} ${CREDIBILITY[value - 1]}` }));
const keyed = (values, keys) => values.map((value, n) => ({ value, label: words(value), key: keys[n] }));

export class ClaimForm {
  // `text` is the view of the document; `edited()` is called after each change by a person.
  constructor(root, state, vocabularies, text, { make, edited, others }) {
    Object.assign(this, { root, vocabularies, text, make, edited, others });
    this.choices = state.choices;
    this.publisher = state.document.publisher;
    this.published = state.document.published;
    this.patterns = Object.fromEntries(
      Object.entries(state.patterns).map(([name, source]) => [name, new RegExp(source, "giu")]),
    );
    this.reasons = state.attribution_reasons;
    this.unit = null;
    this.faults = [];
    this.timer = 0;
    this.fields = this.#fields();
    this.#lay();
    this.element = root;
  }

  #fields() {
    const { choices } = this;
    const yes = [
      { value: true, label: "yes" },
      { value: false, label: "no" },
    ];
    const goal = { needs: (form) => form.field("goal").value === true };
    const matter = { needs: (form) => choices.with_matter.includes(form.field("kind").value) };
    const measured = {
      needs: (form) => goal.needs(form) && form.field("goal.specificity").value === "measurable",
    };
    return [
      ["What is said"],
      new TextField(this, "statement", "Statement", { rows: 3, hint: "one sentence in our own words" }),
      new ChoiceField(this, "kind", "Kind", keyed(choices.kind, "123456789")),
      new ChoiceField(this, "goal", "Announces a goal?", yes),
      new ChoiceField(this, "goal.specificity", "Specificity", plain(choices.specificity), goal),
      new TextField(this, "goal.details", "The aim", goal),
      new ChoiceField(this, "goal.elaborated", "Spelled out?", yes, goal),
      new DateField(this, "goal.horizon", "By when", goal),
      new TextField(this, "goal.target.value", "Target: value", { ...measured, number: true }),
      new TextField(this, "goal.target.unit", "Target: unit", measured),
      new TextField(this, "goal.target.baseline", "Target: baseline", measured),
      new TextField(this, "goal.target.indicator", "Target: indicator", measured),
      new TextField(this, "goal.condition", "Condition", goal),
      new RecordsField(this, "topics", "Topics", "topics"),
      ["Who says it"],
      new ChoiceField(this, "attribution", "Attribution", keyed(choices.attribution, "dmin")),
      new ChainField(this, "sources", "Said by", { hint: "the origin first" }),
      new QuotesField(this, "quotes", "Quotations"),
      new WordsField(this, "hedges", "Hedges", { hint: "as printed" }),
      ["Who and where"],
      new RecordsField(this, "actors", "Actors", "agents"),
      new RecordsField(this, "addressees", "Addressees", "agents", { optional: true }),
      new RecordsField(this, "about", "About", "agents", { optional: true }),
      new RecordsField(this, "occasion", "Occasion", "occasions", { single: true, optional: true }),
      new RecordsField(this, "places", "Places", "places", { optional: true }),
      ["When"],
      new DateField(this, "dates.announced", "Made public"),
      new DateField(this, "dates.occurred", "Happened or said"),
      new DateField(this, "dates.refers_to", "Period of the matter", matter),
      ["How sure"],
      new ChoiceField(this, "fidelity", "Passage", plain(choices.fidelity)),
      new ChoiceField(this, "confidence.attribution.level", "Was it said?", plain(choices.level)),
      new TextField(this, "confidence.attribution.rationale", "Reason (said)", { suggest: true }),
      new ChoiceField(this, "confidence.content.credibility", "Does it hold?", graded(choices.credibility)),
      new TextField(this, "confidence.content.rationale", "Reason (holds)", { suggest: true }),
      ["More"],
      new ListField(this, "relations", "Relations", "relation"),
      new ListField(this, "alternatives", "Rival readings", "alternative"),
      new ListField(this, "further_evidence", "Further evidence", "passage"),
      new TextField(this, "locator", "Place in the original", { hint: "such as page=3" }),
    ];
  }

  #lay() {
    let group = null;
    const groups = [];
    for (const each of this.fields) {
      if (Array.isArray(each)) {
        group = element("fieldset", {}, [element("legend", {}, each)]);
        groups.push(group);
      } else {
        group.append(each.element);
      }
    }
    this.fields = this.fields.filter((each) => !Array.isArray(each));
    this.byPath = new Map(this.fields.map((field) => [field.path, field]));
    const where = this.field("confidence.attribution.rationale");
    where.element.querySelector(".side").prepend(this.#phrases());
    this.root.replaceChildren(...groups);
  }

  // The reasons that the codebook gives for a level; each sets both.
  #phrases() {
    const list = element("div", { class: "candidates", role: "group", "aria-label": "Reasons to pick" });
    for (const [level, reason] of this.reasons) {
      const pick = element("button", { type: "button", "data-level": level }, [
        element("span", { class: "note" }, [`${level}: `]),
        reason,
      ]);
      pick.addEventListener("click", () => {
        this.field("confidence.attribution.rationale").value = reason;
        this.field("confidence.attribution.level").choose(level);
      });
      list.append(pick);
    }
    return list;
  }

  field(path) {
    return this.byPath.get(path);
  }

  // --- the claim

  // Shows the claim of a unit: what was kept of it, else what the draft filled in.
  show(unit, faults) {
    this.unit = unit;
    this.judged = false;
    clearTimeout(this.timer);
    const proposed = unit.proposed ?? {};
    const claim = unit.claim ?? merged(proposed.written ?? {}, proposed.filled ?? {});
    for (const field of this.fields) {
      field.propose(undefined);
      field.value = shown(claim, field.path);
      const filled = shown(proposed.filled ?? {}, field.path);
      field.element.classList.toggle("filled", !unit.claim && filled !== undefined);
    }
    this.#rank(unit, proposed.ranked ?? {});
    this.#offer(proposed.offered ?? {});
    this.#arrange();
    this.root.scrollTop = 0;
    this.judge(faults);
    if (!faults) this.check();
  }

  #offer(offered) {
    for (const field of this.fields) {
      const value = shown(offered, field.path);
      if (value !== undefined && field.value === undefined) field.propose(value);
    }
  }

  #rank(unit, ranked) {
    const passage = this.text.slice(unit.start, unit.end);
    const day = { ...this.published };
    const upto = { edtf: `/${day.edtf}`, basis: "inferred", note: "The text gives no day; it was so by its publication." };
    const printed = this.#printed;
    const onwards = { edtf: `${day.edtf}/..`, basis: "inferred", note: "The text gives no time of what is forecast." };
    const dates = (key, own) => unique([...(ranked[key] ?? []), ...own]);
    this.field("dates.announced").rank(dates("announced", [printed, upto]));
    this.field("dates.occurred").rank(dates("occurred", [printed, upto, null]));
    this.field("dates.refers_to").rank(dates("refers_to", [upto, onwards, null]));
    this.field("goal.horizon").rank(dates("horizon", [null]));
    for (const path of ["topics", "actors", "addressees", "about", "occasion", "places"]) {
      this.field(path).rank(ranked[path]);
    }
    const speakers = (ranked.sources ?? []).map((each) => each.agent ?? each);
    this.field("sources").rank(speakers, [...new Set(passage.match(this.patterns.reporting) ?? [])]);
    this.field("confidence.content.rationale").suggest(this.#reasonsGiven("content"));
    this.field("confidence.attribution.rationale").suggest(this.#reasonsGiven("attribution"));
  }

  #reasonsGiven(question) {
    const given = this.others().map((unit) => unit.claim?.confidence?.[question]?.rationale);
    return given.filter(Boolean);
  }

  // The claim as it stands here: a key that is still open is left out.
  get claim() {
    const claim = {};
    for (const field of this.fields) {
      if (field.needs && !field.needs(this)) continue;
      write(claim, field.path, field.value);
    }
    const announces = this.field("goal").value;
    if (announces === false) claim.goal = null;
    else if (announces !== true) delete claim.goal;
    else claim.goal = goalOf(claim.goal);
    if (this.field("attribution").value === "narrator") claim.quotes = [];
    return claim;
  }

  // A person changed a field: what hangs together follows, then the claim is checked.
  changed(field) {
    field.propose(undefined);
    field.element.classList.remove("filled");
    if (field.path === "kind") this.#followKind(field.value);
    if (field.path === "attribution") this.#followVoice(field.value);
    this.#arrange();
    this.edited();
    clearTimeout(this.timer);
    this.root.ariaBusy = "true";
    this.timer = setTimeout(() => this.check(), PAUSE);
  }

  // Whether there is a goal, where that was merely filled in, follows from the kind.
  #followKind(kind) {
    const goal = this.field("goal");
    if (goal.element.matches(".filled")) goal.value = GOALS.includes(kind);
  }

  // In the document's own voice a claim is made public with the document (codebook, rule 6).
  #followVoice(attribution) {
    const announced = this.field("dates.announced");
    if (attribution === "narrator" && announced.element.matches(".filled")) {
      announced.value = this.#printed;
    }
  }

  get #printed() {
    const { edtf, basis, note } = this.published;
    return { edtf, basis, note: note ?? null };
  }

  #arrange() {
    const narrated = this.field("attribution").value === "narrator";
    this.field("sources").narrate(narrated);
    this.field("quotes").arrange(this.unit, narrated);
    const goal = this.field("goal");
    const kind = this.field("kind").value;
    if (goal.value === undefined && GOALS.includes(kind)) goal.value = true;
    for (const field of this.fields) {
      if (field.needs) field.element.hidden = !field.needs(this);
    }
  }

  // --- what is wrong

  async check() {
    const asked = (this.asked = { ...this.unit, decision: "todo", why: null, claim: this.claim });
    this.root.ariaBusy = "true";
    try {
      const { faults } = await ask("check", { unit: asked });
      if (asked === this.asked) this.judge(faults);
    } catch (error) {
      if (asked === this.asked) this.failed(error);
    }
  }

  judge(faults) {
    if (!faults) return;
    this.faults = faults;
    this.judged = true;
    this.root.ariaBusy = "false";
    const left = new Map(this.fields.map((field) => [field, []]));
    for (const fault of faults) left.get(this.#fieldAt(fault.steps)).push(fault);
    for (const [field, own] of left) field.judge(own);
    this.told?.(faults);
  }

  #fieldAt(steps) {
    for (let n = steps.length; n > 0; n -= 1) {
      const field = this.field(steps.slice(0, n).join("."));
      if (field && !field.element.hidden) return field;
    }
    const within = this.fields.find((field) => field.path.startsWith(`${steps[0]}.`) && !field.element.hidden);
    return within ?? this.field("statement");
  }

  // Goes to the next field that is to do or to mend, after the one with the focus; before that is
  // known, to the next that is empty, so that what is typed at once goes into a field.
  next() {
    const open = this.fields.filter((field) =>
      this.judged ? field.element.matches(".todo, .wrong") : !field.element.hidden && field.value === undefined,
    );
    const now = this.fields.findIndex((field) => field.element.contains(document.activeElement));
    const field = open.find((each) => this.fields.indexOf(each) > now) ?? open[0];
    if (!field) return false;
    field.focus();
    field.element.scrollIntoView({ block: "nearest" });
    return true;
  }

  // Chooses by its number in the field that a box belongs to.
  number(box, place) {
    const field = this.fields.find((each) => each.boxes?.includes(box));
    if (field.choices[place - 1]) field.choose(field.choices[place - 1].value);
    field.focus();
  }

  // Takes what is offered in the next field that has an offer.
  confirm() {
    const field = this.fields.find((each) => each.offered !== undefined && !each.element.hidden);
    if (!field) return say("Nothing is offered");
    const taken = field.words(field.offered);
    field.confirm();
    say(`${field.label}: ${taken}`);
  }
}

function goalOf(parts = {}) {
  const goal = { ...parts };
  if (goal.specificity === "withheld" && goal.details === undefined) goal.details = null;
  return goal;
}

// What a field shows of a claim: of the goal whether there is one.
function shown(claim, path) {
  const value = read(claim, path);
  return path === "goal" && value !== undefined ? value !== null : value;
}

function merged(one, other) {
  const both = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const nested = isObject(both[key]) && isObject(value);
    both[key] = nested ? merged(both[key], value) : value;
  }
  return both;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unique(dates) {
  const seen = new Map(dates.map((date) => [date?.edtf ?? "none", date]));
  return [...seen.values()];
}
