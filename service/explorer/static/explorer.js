// The explorer without reloads. The server draws every state of the page; this asks for the next
// one, lays it over the present one, and keeps the address bar true.

import { listen, show } from "./copy.js";
import { find } from "./find.js";
import { morph } from "./morph.js";

const PAUSE = 250; // ms between the last key and the question
const REST = 4000; // ms that a message stands

const main = document.getElementById("content");
const form = document.getElementById("ask");
let underway = null;
let typing = false;
let waiting = 0;
let shown = here();

function here() {
  return location.pathname + location.search;
}

// --- the address of what the form asks ----------------------------------------------------------

// As the API writes it: names and values in order, lists with commas, nothing that says nothing.
function asked() {
  const given = new Map();
  for (const [name, value] of new FormData(form)) {
    if (value !== "") given.set(name, [...(given.get(name) ?? []), value]);
  }
  const pairs = [...given].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = pairs.map(([name, values]) => `${name}=${encoded(values.sort().join(","))}`);
  return text.length ? `/?${text.join("&")}` : "/";
}

function encoded(value) {
  return encodeURIComponent(value).replaceAll("%20", "+").replaceAll("%2C", ",");
}

// --- from one state to the next ------------------------------------------------------------------

async function load(address) {
  underway?.abort();
  underway = new AbortController();
  const { signal } = underway;
  main.classList.add("loading");
  try {
    const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
    if (!answer.ok) {
      location.assign(address);
      return;
    }
    draw(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch (error) {
    if (error.name === "AbortError") return;
    say("The service could not be reached. What is shown is what was there before.");
  }
  main.classList.remove("loading");
}

function draw(page) {
  const made = page.getElementById("content");
  ready(made);
  const message = document.getElementById("status").textContent;
  made.querySelector("#status").textContent = message;
  morph(main, document.adoptNode(made));
  document.title = page.title;
  for (const rel of ["canonical", "alternate"]) {
    const links = page.querySelectorAll(`link[rel=${rel}]`);
    document.querySelectorAll(`link[rel=${rel}]`).forEach((link, n) => {
      if (links[n]) link.href = links[n].getAttribute("href");
    });
  }
  const canonical = document.querySelector("link[rel=canonical]").getAttribute("href");
  if (canonical !== here()) history.replaceState(null, "", canonical + location.hash);
  shown = here();
  say(document.getElementById("found").textContent);
}

function go(address, { replace = false } = {}) {
  const target = new URL(address, location.href);
  history[replace ? "replaceState" : "pushState"](null, "", target);
  shown = here();
  return load(shown);
}

// --- what the reader does --------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  ask();
});

// The order stands outside the form and belongs to it.
document.addEventListener("change", (event) => {
  if (event.target.form !== form || event.target.type === "search" || !event.target.name) return;
  if (event.target.type === "date" && !event.target.validity.valid) return;
  ask();
});

// The first key makes a state that the back button leads back from; the next ones refine it.
form.addEventListener("input", (event) => {
  if (event.target.name !== "q") return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    ask({ replace: typing });
    typing = true;
  }, PAUSE);
});

function ask(how = {}) {
  if (!how.replace) typing = false;
  const address = asked();
  if (address === here()) return;
  go(address, how);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const target = new URL(link.href);
  if (target.origin !== location.origin || target.pathname !== "/") return;
  if (target.search === location.search) return; // a place on this page: the browser's business
  event.preventDefault();
  typing = false;
  const within = link.closest(".applied, .pages");
  await go(target.href);
  if (target.hash === "#claims") arrive(within);
});

// A link that leads to claims takes the reader to them; the keyboard's focus goes along.
function arrive(within) {
  const heading = document.getElementById("found");
  if (!within || within.matches(".pages")) document.getElementById("claims").scrollIntoView();
  heading.focus({ preventScroll: true });
}

addEventListener("popstate", async () => {
  if (here() === shown) return; // only the place on the page is another
  typing = false;
  document.getElementById("q").blur(); // what is typed there is of the state that was left
  shown = here();
  await load(shown);
});

// --- at the start -----------------------------------------------------------------------------------

let quiet = 0;
function say(message, button) {
  const status = document.getElementById("status");
  status.textContent = message;
  if (!button) return;
  clearTimeout(quiet);
  button.dataset.said = message;
  quiet = setTimeout(() => delete button.dataset.said, REST);
}

// Where there is room beside the claims, the filters need no opening.
const wide = matchMedia("(min-width: 64rem)");
function unfold() {
  document.getElementById("filters").open = wide.matches;
}

function ready(root) {
  show(root);
  find(root, asked);
}

document.documentElement.classList.add("scripted");
unfold();
wide.addEventListener("change", unfold);
ready(document);
listen(say);
