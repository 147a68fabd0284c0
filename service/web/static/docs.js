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

// The remote validator is off: it would send this address to somebody else's server.
async function show() {
  const answer = await fetch("/openapi.json");
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
