// The explorer without reloads. The server renders every state of the page; this fetches the next
// one, morphs the present one into it, and keeps the address bar up to date.

import { listen, showButtons } from "./copy.js";
import { find } from "./find.js";
import { morph } from "./morph.js";

const PAUSE = 250; // ms between the last key and the request
const MESSAGE_TIME = 4000; // ms that a message stays

const main = document.getElementById("content");
const form = document.getElementById("ask");
let request = null;
let typing = false;
let timer = 0;
let shown = here(); // the address of the state on the page

function here() {
  return location.pathname + location.search;
}

// --- the address of the form's state -------------------------------------------------------------

// The canonical query string of the API: names and values sorted, lists with commas, nothing empty.
function formAddress() {
  const fields = new Map();
  for (const [name, value] of new FormData(form)) {
    if (value !== "") fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  const pairs = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = pairs.map(([name, values]) => `${name}=${encode(values.sort().join(","))}`);
  return text.length ? `/?${text.join("&")}` : "/";
}

function encode(value) {
  return encodeURIComponent(value).replaceAll("%20", "+").replaceAll("%2C", ",");
}

// --- from one state to the next ------------------------------------------------------------------

async function load(address) {
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  main.classList.add("loading");
  try {
    const response = await fetch(address, { signal, headers: { Accept: "text/html" } });
    if (!response.ok) {
      location.assign(address);
      return;
    }
    draw(new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch (error) {
    if (error.name === "AbortError") return;
    say("The service could not be reached. What is shown is what was there before.");
  }
  main.classList.remove("loading");
}

function draw(page) {
  const content = page.getElementById("content");
  prepare(content);
  const message = document.getElementById("status").textContent;
  content.querySelector("#status").textContent = message;
  morph(main, document.adoptNode(content));
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

// --- events ---------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  submit();
});

// The search and the select for the order are outside the form element and belong to it.
document.addEventListener("change", (event) => {
  if (event.target.form !== form || event.target.type === "search" || !event.target.name) return;
  if (event.target.type === "date" && !event.target.validity.valid) return;
  submit();
});

// The first key adds a state to the history; the following ones replace it.
document.addEventListener("input", (event) => {
  if (event.target.id !== "q") return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    submit({ replace: typing });
    typing = true;
  }, PAUSE);
});

function submit(options = {}) {
  if (!options.replace) typing = false;
  const address = formAddress();
  if (address === here()) return;
  go(address, options);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const target = new URL(link.href);
  if (target.origin !== location.origin || target.pathname !== "/") return;
  if (target.search === location.search) return; // an anchor on this page, left to the browser
  event.preventDefault();
  typing = false;
  const within = link.closest(".applied, .pages");
  await go(target.href);
  if (target.hash === "#claims") focusClaims(within);
});

// A link to claims scrolls to them and moves the focus along.
function focusClaims(within) {
  const heading = document.getElementById("found");
  if (!within || within.matches(".pages")) document.getElementById("claims").scrollIntoView();
  heading.focus({ preventScroll: true });
}

addEventListener("popstate", async () => {
  if (here() === shown) return; // only the anchor is another
  typing = false;
  document.getElementById("q").blur(); // its text belongs to the state that was left
  shown = here();
  await load(shown);
});

// --- at the start -----------------------------------------------------------------------------------

let messageTimer = 0;
function say(message, button) {
  const status = document.getElementById("status");
  status.textContent = message;
  if (!button) return;
  clearTimeout(messageTimer);
  button.dataset.said = message;
  messageTimer = setTimeout(() => delete button.dataset.said, MESSAGE_TIME);
}

// Where there is room beside the claims, the filters are open.
const wide = matchMedia("(min-width: 64rem)");
function unfold() {
  document.getElementById("filters").open = wide.matches;
}

function prepare(root) {
  showButtons(root);
  find(root);
}

document.documentElement.classList.add("scripted");
unfold();
wide.addEventListener("change", unfold);
prepare(document);
listen(say);
