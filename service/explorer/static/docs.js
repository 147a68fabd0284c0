// Swagger UI on our contract. It fills every field of its form with the parameter's example, and
// all filters together find nothing: so examples of what may be left out become words instead.
function withoutFilledInFilters(contract) {
  for (const parameter of Object.values(contract.components.parameters)) {
    if (!parameter.required && parameter.example !== undefined) {
      parameter.description += ` For example \`${String(parameter.example)}\`.`;
      delete parameter.example;
      delete parameter.schema.default;
    }
  }
  return contract;
}

// It has a dark scheme and waits to be told.
const dark = matchMedia("(prefers-color-scheme: dark)");
function colour() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

// What it leaves undone for keyboards and screen readers: parts without a name, fields without one,
// and a link inside of each button that opens an operation.
function mend() {
  name(".information-container", "About the API", "region");
  name("#operations", "Operations");
  name("#servers", "Server");
  for (const link of document.querySelectorAll(".opblock-summary-control a[href]")) {
    link.removeAttribute("href");
  }
}

function name(selector, words, role) {
  const part = document.querySelector(selector);
  if (!part || part.hasAttribute("aria-label")) return;
  part.setAttribute("aria-label", words);
  if (role) part.setAttribute("role", role);
}

// The remote validator is off: it would send this address to somebody else's server.
async function show() {
  colour();
  dark.addEventListener("change", colour);
  const answer = await fetch("/openapi.json");
  const place = document.getElementById("swagger");
  new MutationObserver(mend).observe(place, { childList: true, subtree: true });
  SwaggerUIBundle({
    spec: withoutFilledInFilters(await answer.json()),
    dom_id: "#swagger",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    supportedSubmitMethods: ["get"],
    tryItOutEnabled: true,
    validatorUrl: null,
  });
}

show();
