// Two readings, or two data sets, side by side where they differ: one side is taken, with a reason.

import { ask } from "./api.js";
import { button, element, isTyped, say } from "./dom.js";

const $ = (id) => document.getElementById(id);

class Settling {
  constructor(state) {
    this.state = state;
    this.cards = state.differences.map((difference, n) => this.#card(difference, n));
    $("differences").replaceChildren(...this.cards.map((card) => card.item));
    this.#count();
    document.addEventListener("keydown", (event) => this.#key(event));
    const open = this.cards.find((card) => !this.#decided(card));
    (open ?? this.cards[0])?.item.focus();
  }

  #decided({ key }) {
    return this.state.decisions[key];
  }

  #card({ key, fields, a, b }, n) {
    const { decisions } = this.state;
    const heading = element("h2", { id: `difference-${n}` }, [a && b ? fields.join(", ") : "a claim or none"]);
    const passage = element("blockquote", { dir: "auto" }, [(a ?? b).passage]);
    passage.hidden = !(a ?? b).passage;
    const sides = element("div", { class: "sides", role: "radiogroup", "aria-labelledby": heading.id });
    const boxes = ["a", "b"].map((side) => {
      const box = element("input", { type: "radio", name: `side-${n}`, value: side });
      const said = { a, b }[side];
      const words = [
        element("span", { class: "coder" }, [this.state[side], " ", element("kbd", { "aria-hidden": "true" }, [side])]),
        element("span", { class: "statement", dir: "auto" }, [said?.statement ?? "no claim of this"]),
        element("span", { class: "part", dir: "auto" }, [said?.part ?? "none"]),
      ];
      sides.append(element("label", {}, [box, element("span", {}, words)]));
      box.checked = decisions[key]?.taken === side;
      return box;
    });
    const why = element("input", { type: "text", "aria-label": `The reason: ${fields.join(", ")}`, placeholder: "the reason", dir: "auto" });
    why.value = decisions[key]?.reason ?? "";
    const card = { key, boxes, why };
    const keep = button("Keep", () => this.#keep(card));
    card.item = element("li", { tabindex: "-1", "aria-labelledby": heading.id }, [heading, passage, sides, element("p", { class: "row" }, [why, keep])]);
    for (const box of boxes) box.addEventListener("change", () => why.focus());
    card.item.classList.toggle("decided", Boolean(decisions[key]));
    return card;
  }

  async #keep(card) {
    const taken = card.boxes.find((box) => box.checked)?.value;
    const reason = card.why.value.trim();
    if (!taken || !reason) {
      (taken ? card.why : card.boxes[0]).focus();
      return say(taken ? "Say why" : "Take one side first");
    }
    try {
      const { decisions } = await ask("decide", { key: card.key, taken, reason });
      this.state.decisions = decisions;
      $("problem").hidden = true;
      $("saved").textContent = "Saved";
      card.item.classList.add("decided");
      this.#count();
      const at = this.cards.indexOf(card);
      const next = [...this.cards.slice(at + 1), ...this.cards.slice(0, at)].find((each) => !this.#decided(each));
      (next ?? card).item.focus();
    } catch (error) {
      $("problem").textContent = error.message;
      $("problem").hidden = false;
    }
    return null;
  }

  #key(event) {
    const { key, target } = event;
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const at = this.cards.findIndex((card) => card.item.contains(target));
    const card = this.cards[at];
    if (key === "Enter" && card && !target.matches("button")) this.#keep(card);
    else if (key === "Escape") card?.item.focus();
    else if (isTyped(target)) return;
    else if (key === "j") this.cards[Math.min(at + 1, this.cards.length - 1)]?.item.focus();
    else if (key === "k") this.cards[Math.max(at - 1, 0)]?.item.focus();
    else if ((key === "a" || key === "b") && card) {
      card.boxes[key === "a" ? 0 : 1].checked = true;
      card.why.focus();
    } else return;
    event.preventDefault();
  }

  #count() {
    const { differences, told, decisions } = this.state;
    const done = differences.filter(({ key }) => decisions[key]).length;
    $("count").textContent = `${told}${done} of ${differences.length} differences decided`;
  }
}

try {
  new Settling(await ask("state"));
  document.body.dataset.ready = "";
} catch (error) {
  $("problem").textContent = error.message;
  $("problem").hidden = false;
  throw error;
}
