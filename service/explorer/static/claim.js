// A claim's page: copy buttons, and a citation with the address as it is here.

import { listen, showButtons } from "./copy.js";
import { prepare } from "./evidence.js";

const status = document.getElementById("status");

for (const place of document.querySelectorAll("[data-address]")) {
  place.textContent = new URL(place.dataset.address, location.href).href;
}
// The day on which it was looked up belongs to a citation of what may change.
const accessed = document.getElementById("accessed");
if (accessed) accessed.textContent = ` (accessed ${new Date().toISOString().slice(0, 10)})`;
showButtons(document);
prepare(document);
listen((message, button) => {
  status.textContent = message;
  button.dataset.said = message;
  setTimeout(() => delete button.dataset.said, 4000);
});
