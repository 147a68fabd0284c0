// swagger-typescript-api with the client on fetch that it makes by default.

import { claim, from, member, tell, to, today, tomorrow, unknown } from "./asked.js";
import { Api, KindFilter, KnownDimension } from "./swagger_typescript_api/Api.js";

const { v1 } = new Api({ baseUrl: today });
const found = await v1.listClaims({ kind: [KindFilter.Goal, KindFilter.Directive], limit: 100 });
const refused = await v1
  .listClaims({ cursor: "none-such" })
  .catch((answer: typeof found) => answer);
const faults = "errors" in refused.error ? refused.error.errors : [];
tell(
  found.data.data.map((each) => each.id),
  refused.status,
  faults.map((fault) => fault.parameter),
);

const { v1: grown } = new Api({ baseUrl: tomorrow });
const { data: claims } = await grown.listClaims({ limit: 100 });
const { data: counts } = await grown.countClaims({ by: [KnownDimension.Topic] });
const { data: changes } = await grown.listChanges();
const { data: rows } = await grown.compareOccasions({ from, to });
const { data: documents } = await grown.listDocuments();
const { data: agents } = await grown.listAgents();
const { data: linked } = await grown.getClaimJsonLd(claim);
const { error } = await grown.countClaims({ by: [] }).catch((answer: typeof found) => answer);
unknown(
  claims.data[0]?.kind === member,
  claims.data.some((each) => each.relations[0]?.type === member),
  claims.data.some((each) => each.dates.announced?.precision === member),
  counts.meta.unit === member,
  counts.meta.by[0] === member,
  changes.data[0]?.subject.kind === member,
  rows.data.some((row) => row.from.record === member),
  documents.data[0]?.status === member,
  agents.data[0]?.kind === member,
  JSON.stringify(linked).includes(member),
  error?.type === member,
);
