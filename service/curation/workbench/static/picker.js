// A field for records of a vocabulary: type some letters, choose with the arrows, Enter takes it
// (the combobox of the ARIA Authoring Practices, with a list of what was taken before it).

import { element } from "./dom.js";

let count = 0;

export class Picker {
  // `make(typed)` opens the dialog for a new record, and gives its id or null; `changed()` is called
  // after each change. Where `single`, taking a record replaces the one before.
  constructor({ label, vocabulary, single, make, changed, placeholder = "" }) {
    Object.assign(this, { vocabulary, single, make, changed, placeholder });
    this.ids = [];
    this.ranked = [];
    this.options = [];
    this.active = -1;
    const id = `picker-${(count += 1)}`;
    this.chips = element("ul", { class: "chips", "aria-label": `${label}: taken` });
    this.list = element("ul", { class: "options", role: "listbox", id: `${id}-list`, hidden: "" });
    this.list.setAttribute("aria-label", label);
    this.input = element("input", {
      id,
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
      "aria-label": label,
    });
    this.element = element("div", { class: "picker" }, [this.chips, this.input, this.list]);
    this.input.addEventListener("input", () => this.#open());
    this.input.addEventListener("focus", () => this.#open());
    this.input.addEventListener("blur", () => this.#close());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const item = event.target.closest("li");
      if (item) this.#take([...this.list.children].indexOf(item));
    });
  }

  set(ids, ranked = this.ranked) {
    this.ids = [...ids];
    this.ranked = ranked;
    this.input.value = "";
    this.#draw();
  }

  focus() {
    this.input.focus();
  }

  #draw() {
    const chips = this.ids.map((id) => {
      const name = this.vocabulary.title(id);
      const button = element("button", { type: "button", "aria-label": `Remove ${name}` }, ["×"]);
      button.addEventListener("click", () => {
        this.#changeTo(this.ids.filter((each) => each !== id));
        this.focus();
      });
      return element("li", {}, [element("span", { dir: "auto" }, [name]), button]);
    });
    this.chips.replaceChildren(...chips);
    this.chips.hidden = !chips.length;
    this.input.placeholder = this.ids.length ? "" : this.placeholder;
  }

  #open() {
    const typed = this.input.value.trim();
    this.options = this.vocabulary.find(typed, this.ranked, this.ids);
    if (typed && this.make) this.options.push({ make: typed });
    this.active = typed ? 0 : -1;
    this.#list();
  }

  #list() {
    const items = this.options.map((option, n) => {
      const item = element("li", { role: "option", id: `${this.list.id}-${n}` });
      item.setAttribute("aria-selected", String(n === this.active));
      if (option.make) {
        item.append(`New ${this.vocabulary.singular} “`, element("bdi", {}, [option.make]), "” …");
      } else {
        item.append(element("bdi", {}, [option.name]));
        if (option.note) item.append(element("span", { class: "note" }, [` ${option.note}`]));
        item.classList.toggle("proposed", option.proposed);
      }
      return item;
    });
    this.list.replaceChildren(...items);
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    const active = this.active >= 0 ? `${this.list.id}-${this.active}` : "";
    this.input.setAttribute("aria-activedescendant", active);
    if (items.length) this.list.scrollIntoView({ block: "nearest" });
    items[this.active]?.scrollIntoView({ block: "nearest" });
  }

  #close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (this.list.hidden) this.#open();
      const size = this.options.length;
      const step = key === "ArrowDown" ? 1 : -1;
      if (size) this.active = (this.active + step + size + (this.active < 0 && step < 0 ? 1 : 0)) % size;
      this.#list();
    } else if (key === "Enter" && !this.list.hidden && this.active >= 0) {
      this.#take(this.active);
    } else if (key === "Escape" && !this.list.hidden && this.input.value) {
      this.input.value = "";
      this.#close();
    } else if (key === "Backspace" && !this.input.value && this.ids.length) {
      this.#changeTo(this.ids.slice(0, -1));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  async #take(n) {
    const option = this.options[n];
    const id = option.make || option.open ? await this.#describe(option) : option.id;
    this.focus();
    if (!id) return;
    this.input.value = "";
    this.#changeTo(this.single ? [id] : [...this.ids, id]);
  }

  // A new record is described first, and so is one of which the draft knows no more than the name.
  #describe({ make, id, name }) {
    return this.make(this.vocabulary, make ?? name, id);
  }

  #changeTo(ids) {
    this.ids = ids;
    this.#draw();
    this.#open();
    this.changed();
  }
}
