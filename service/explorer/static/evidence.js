// The text of a document that the page may not show: the reader drops the file here, which is hashed
// and marked in this browser and sent nowhere.

import { sha256 } from "./hash.js";

const MAX_BYTES = 20_000_000;

export function prepare(root) {
  for (const place of root.querySelectorAll(".drop")) {
    place.hidden = false;
    place.querySelector("input").addEventListener("change", (event) => take(place, event.target.files[0]));
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
    place.addEventListener("dragleave", () => place.classList.remove("over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      take(place, event.dataTransfer.files[0]);
    });
  }
}

// A file that misses its place would be opened instead of the page.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => event.preventDefault());

async function take(place, file) {
  if (!file) return;
  const shown = place.querySelector(".shown");
  shown.replaceChildren();
  const tell = (words, holds = false) => {
    place.classList.toggle("holds", holds);
    place.querySelector("[role=status]").textContent = words;
  };
  if (file.size > MAX_BYTES) return tell("That file is too large to be this document.");
  tell("Reading …");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const found = await sha256(bytes);
  const same = await recognised(bytes, found, place.dataset.sha256);
  if (!same) {
    return tell(`That is another file: its SHA-256 is ${found}, not ${place.dataset.sha256}.`);
  }
  const characters = Array.from(same.text); // offsets count code points
  const spans = JSON.parse(place.dataset.spans);
  const passages = spans.filter((span) => !span.quoted);
  const wrong = await mismatches(characters, passages);
  shown.append(...marked(characters, spans, "whole" in place.dataset));
  const count = passages.length === 1 ? "The passage is" : `${passages.length} passages are`;
  const quoted = passages.length < spans.length ? ", what is quoted underlined" : "";
  const said = wrong
    ? `That is the document, but ${wrong} of ${passages.length} passages have another hash.`
    : `${same.words} ${count} marked below${quoted}; nothing has left this browser.`;
  tell(said, !wrong);
}

const BOM = "\ufeff";

// The text of the document in a file with its hash, or with the hash that it had before a program
// changed its line ends, or put a byte order mark before it or took one away; else nothing.
async function recognised(bytes, found, wanted) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  if (found === wanted) return { text, words: "That is the document, to the byte." };
  const bare = text.startsWith(BOM) ? text.slice(1) : text;
  const lines = bare.replace(/\r\n?/g, "\n");
  for (const ends of [bare, lines, lines.replaceAll("\n", "\r\n")]) {
    for (const one of [ends, BOM + ends]) {
      if ((await sha256(new TextEncoder().encode(one))) !== wanted) continue;
      const differs = ends === bare ? [] : ["other line ends"];
      if (one.startsWith(BOM) !== text.startsWith(BOM)) {
        differs.push(text === bare ? "no byte order mark" : "a byte order mark");
      }
      return { text: one, words: `That is the same text with ${differs.join(" and ")}.` };
    }
  }
  return null;
}

async function mismatches(characters, spans) {
  let wrong = 0;
  for (const { start, end, sha256: recorded } of spans) {
    const bytes = new TextEncoder().encode(characters.slice(start, end).join(""));
    if ((await sha256(bytes)) !== recorded) wrong += 1;
  }
  return wrong;
}

// --- paragraphs with marks, as the server draws them -----------------------------------------------

function marked(characters, spans, whole) {
  const drawn = [];
  for (const [start, end] of bounds(characters)) {
    const within = spans.filter((span) => span.start < end && span.end > start);
    if (whole || within.length) drawn.push(paragraph(characters, start, end, within));
  }
  return drawn;
}

// Between blank lines, or lines where there are none.
function bounds(characters) {
  const text = characters.join("");
  const between = /(?:\r?\n[ \t]*){2,}/.test(text.trim()) ? /(?:\r?\n[ \t]*){2,}/gu : /\r?\n/gu;
  const found = [];
  let start = 0;
  let at = 0; // UTF-16 units
  for (const match of [...text.matchAll(between), { index: text.length, 0: "" }]) {
    const piece = text.slice(at, match.index);
    const end = start + Array.from(piece).length;
    if (piece.trim()) found.push([start, end]);
    start = end + match[0].length;
    at = match.index + match[0].length;
  }
  return found;
}

function paragraph(characters, start, end, spans) {
  const element = document.createElement("p");
  element.dir = "auto";
  const edges = new Set([start, end]);
  for (const span of spans) {
    edges.add(Math.max(span.start, start));
    edges.add(Math.min(span.end, end));
  }
  const ordered = [...edges].sort((a, b) => a - b);
  ordered.slice(0, -1).forEach((first, n) => {
    const last = ordered[n + 1];
    const on = spans.filter((span) => span.start <= first && last <= span.end);
    const text = characters.slice(first, last).join("");
    if (!on.length) return element.append(text);
    const mark = document.createElement("mark");
    const depth = on.filter((span) => !span.quoted).length;
    mark.classList.toggle("several", depth > 1);
    mark.classList.toggle("quoted", depth < on.length);
    mark.classList.toggle("outside", !depth);
    mark.textContent = text;
    const ending = on.filter((span) => span.end === last && span.number).map((span) => span.number);
    if (ending.length) mark.dataset.n = ending.join(" ");
    element.append(mark);
  });
  return element;
}
