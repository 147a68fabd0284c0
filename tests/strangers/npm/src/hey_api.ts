// @hey-api/openapi-ts with the client it makes.

import { claim, from, member, tell, to, today, tomorrow, unknown } from "./asked.js";
import {
  compareOccasions, countClaims, getClaimJsonLd, listAgents, listChanges, listClaims, listDocuments,
} from "./hey_api/index.js";
import { client } from "./hey_api/client.gen.js";

client.setConfig({ baseUrl: today });
const found = await listClaims({ query: { kind: ["goal", "directive"], limit: 100 } });
if (!found.data) throw new Error(found.error.title);
const refused = await listClaims({ query: { cursor: "none-such" } });
const faults = refused.error && "errors" in refused.error ? refused.error.errors : [];
tell(
  found.data.data.map((each) => each.id),
  refused.response?.status ?? 0,
  faults.map((fault) => fault.parameter),
);

client.setConfig({ baseUrl: tomorrow });
const { data: claims } = await listClaims({ query: { limit: 100 } });
const { data: counts } = await countClaims({ query: { by: ["topic"] } });
const { data: changes } = await listChanges();
const { data: rows } = await compareOccasions({ query: { from, to } });
const { data: documents } = await listDocuments();
const { data: agents } = await listAgents();
const { data: linked } = await getClaimJsonLd({ path: { id: claim } });
const { error } = await countClaims({ query: { by: [] } });
unknown(
  claims?.data[0]?.kind === member,
  claims?.data.some((each) => each.relations[0]?.type === member),
  claims?.data.some((each) => each.dates.announced?.precision === member),
  counts?.meta.unit === member,
  counts?.meta.by[0] === member,
  changes?.data[0]?.subject.kind === member,
  rows?.data.some((row) => row.from.record === member),
  documents?.data[0]?.status === member,
  agents?.data[0]?.kind === member,
  JSON.stringify(linked).includes(member),
  error?.type === member,
);
