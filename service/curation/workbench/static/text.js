// The text of the document, to the character: passages, quotations and the selection, in code points.
//
// Each line is a paragraph of spans. A span is a stretch in which nothing begins or ends; it knows its
// offset (`start`). When passages change, only the lines that they touch are drawn again; which passage
// is the current one changes classes alone.

import { count, place, whole } from "./codepoints.js";

const AROUND = 400; // code points on either side in which words are looked for

export class TextView {
  constructor(root, text, language, quotations) {
    this.root = root;
    this.quotations = quotations;
    this.units = [];
    this.current = null;
    root.lang = language;
    this.lines = [];
    let start = 0;
    for (const [line] of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
      const element = document.createElement("p");
      element.dir = "auto";
      const end = start + count(line);
      this.lines.push({ start, end, text: line, element, spans: [] });
      start = end;
    }
    this.length = start;
    root.append(...this.lines.map((line) => line.element));
    this.segmenters = {
      word: new Intl.Segmenter(language, { granularity: "word" }),
      grapheme: new Intl.Segmenter(language, { granularity: "grapheme" }),
    };
  }

  // --- what stands where

  lineAt(offset) {
    let [low, high] = [0, this.lines.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lines[middle].start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  slice(start, end) {
    let text = "";
    for (let n = this.lineAt(start); n < this.lines.length && this.lines[n].start < end; n += 1) {
      const line = this.lines[n];
      const from = place(line.text, Math.max(0, start - line.start));
      const upto = end >= line.end ? line.text.length : place(line.text, end - line.start);
      text += line.text.slice(from, upto);
    }
    return text;
  }

  // A span without blanks at its ends, which no evidence may have.
  trimmed({ start, end }) {
    const text = this.slice(start, end);
    const before = count(text) - count(text.trimStart());
    const after = count(text) - count(text.trimEnd());
    return before + after >= end - start ? null : { start: start + before, end: end - after };
  }

  quotationsIn({ start, end }) {
    return this.quotations.filter((each) => start <= each.start && each.end <= end);
  }

  // --- drawing

  show(units) {
    this.units = units;
    for (const line of this.lines) this.#draw(line);
    this.mark(this.current);
  }

  // Other units than before, which differ only within the given spans.
  change(units, spans) {
    this.units = units;
    const touched = new Set();
    for (const { start, end } of spans) {
      for (let n = this.lineAt(start); n < this.lines.length && this.lines[n].start < end; n += 1) {
        touched.add(this.lines[n]);
      }
    }
    for (const line of touched) this.#draw(line);
  }

  #draw(line) {
    const units = this.units.filter((each) => each.start < line.end && line.start < each.end);
    const quotes = this.quotations.filter((q) => q.start < line.end && line.start < q.end);
    const borders = new Set([line.start, line.end]);
    for (const { start, end } of [...units, ...quotes]) {
      if (start > line.start) borders.add(start);
      if (end < line.end) borders.add(end);
    }
    const sorted = [...borders].sort((a, b) => a - b);
    const nodes = [];
    line.spans = [];
    let at = 0;
    for (let n = 0; n + 1 < sorted.length; n += 1) {
      const [start, end] = [sorted[n], sorted[n + 1]];
      const until = at + place(line.text.slice(at), end - start);
      const span = document.createElement("span");
      span.textContent = line.text.slice(at, until);
      at = until;
      const over = units.filter((each) => each.start <= start && end <= each.end);
      Object.assign(span, { start, end, units: over });
      if (quotes.some((q) => q.start <= start && end <= q.end)) span.classList.add("quoted");
      for (const unit of over) if (unit.start === start) nodes.push(mark(unit));
      if (over.length) this.#dress(span);
      line.spans.push(span);
      nodes.push(span);
    }
    line.element.replaceChildren(...nodes);
  }

  #dress(span) {
    span.classList.add("passage");
    span.classList.toggle("todo", span.units.some((unit) => unit.decision === "todo"));
    span.classList.toggle("none", span.units.every((unit) => unit.decision === "none"));
    span.classList.toggle("current", span.units.includes(this.current));
  }

  *#spansOf({ start, end }) {
    for (let n = this.lineAt(start); n < this.lines.length && this.lines[n].start < end; n += 1) {
      for (const span of this.lines[n].spans) {
        if (start <= span.start && span.end <= end) yield span;
      }
    }
  }

  // Highlights a unit as the current one, and brings it into sight.
  mark(unit) {
    for (const span of this.root.querySelectorAll(".current")) span.classList.remove("current");
    this.current = unit;
    if (!unit) return;
    const spans = [...this.#spansOf(unit)];
    for (const span of spans) span.classList.add("current");
    this.#reveal(spans[0]);
  }

  #reveal(element) {
    if (!element) return;
    const box = element.getBoundingClientRect();
    const frame = this.root.getBoundingClientRect();
    const margin = Math.min(120, frame.height / 4);
    if (box.top < frame.top + margin || box.bottom > frame.bottom - margin) {
      this.root.scrollTop += box.top - frame.top - frame.height / 3;
    }
  }

  // The units at a place of the text, the shortest first.
  unitsAt(offset) {
    const over = this.units.filter((unit) => unit.start <= offset && offset < unit.end);
    return over.sort((a, b) => a.end - a.start - (b.end - b.start));
  }

  // --- the selection

  // What is selected in the text: offsets, equal where it is a mere place; null where it is elsewhere.
  get selection() {
    const selection = document.getSelection();
    if (!selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!this.root.contains(range.commonAncestorContainer)) return null;
    const start = this.#offset(range.startContainer, range.startOffset);
    return { start, end: range.collapsed ? start : this.#offset(range.endContainer, range.endOffset) };
  }

  #offset(node, within) {
    if (node.nodeType === Node.TEXT_NODE) {
      const upto = whole(node.data, within);
      return node.parentElement.start + count(node.data.slice(0, upto));
    }
    const next = node.childNodes[within];
    if (next?.start !== undefined) return next.start;
    const range = document.createRange();
    range.setStart(this.root, 0);
    range.setEnd(node, within);
    return count(range.toString());
  }

  select(start, end) {
    const [from, upto] = [this.#point(start), this.#point(end)];
    document.getSelection().setBaseAndExtent(from.node, from.offset, upto.node, upto.offset);
    this.#reveal(upto.node.parentElement);
  }

  #point(offset) {
    const { spans } = this.lines[this.lineAt(Math.min(offset, this.length - 1))];
    const span = spans.find((each) => offset < each.end) ?? spans.at(-1);
    const node = span.firstChild;
    return { node, offset: place(node.data, offset - span.start) };
  }

  // The words (or letters, with what combines with them) around a place, as spans of offsets.
  #pieces(offset, granularity) {
    const from = Math.max(0, offset - AROUND);
    const text = this.slice(from, Math.min(this.length, offset + AROUND));
    const pieces = [];
    let at = from;
    for (const { segment, isWordLike } of this.segmenters[granularity].segment(text)) {
      const end = at + count(segment);
      if (granularity === "grapheme" || isWordLike) pieces.push({ start: at, end });
      at = end;
    }
    return pieces;
  }

  // Selects the next word, or the one before.
  step(forward) {
    const now = this.selection ?? { start: this.current?.start ?? 0, end: this.current?.start ?? 0 };
    const words = this.#pieces(now.start, "word");
    const word = forward
      ? words.find((each) => (now.start === now.end ? each.end > now.start : each.start > now.start))
      : words.findLast((each) => each.start < now.start);
    if (word) this.select(word.start, word.end);
  }

  // Moves the end of the selection by a word or a letter.
  extend(forward, granularity) {
    const now = this.selection;
    if (!now) return this.step(forward);
    const pieces = this.#pieces(now.end, granularity);
    const piece = forward
      ? pieces.find((each) => each.end > now.end)
      : pieces.findLast((each) => each.end < now.end && each.end > now.start);
    if (piece) this.select(now.start, piece.end);
  }
}

function mark(unit) {
  const element = document.createElement("i");
  element.className = `mark ${unit.decision}`;
  element.setAttribute("aria-hidden", "true");
  return element;
}
