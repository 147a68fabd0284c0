// A claim's page: copy buttons, and a citation with the address as it is here.

import { listen, showButtons } from "./copy.js";
import { prepare } from "./evidence.js";

const status = document.getElementById("status");

for (const place of document.querySelectorAll("[data-address]")) {
  place.textContent = new URL(place.dataset.address, location.href).href;
}
showButtons(document);
prepare(document);
listen((message, button) => {
  status.textContent = message;
  button.dataset.said = message;
  setTimeout(() => delete button.dataset.said, 4000);
});
