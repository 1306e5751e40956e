// Takes the next case in hand, reads it, decides it, and tells what it saw: node out/example.js ADDRESS TOKEN

import { Refused, answered, decide, openCases, review } from "./client.js";

declare const process: { argv: string[] };

const client = review(process.argv[2] ?? "", process.argv[3] ?? "");
const before: string[] = [];
for await (const one of openCases(client, 2)) before.push(one.case_id);

const inHand = answered(await client.POST("/v1/queues/{queue}/next", { params: { path: { queue: "child_safety" } } }));
const id = inHand?.case_id ?? "";
const read = answered(await client.GET("/v1/cases/{id}", { params: { path: { id } } }));
await decide(client, read, { outcome: "benign", reason: "evidence_too_thin" });

let refused = "";
try {
  await decide(client, read, { outcome: "benign", reason: "evidence_too_thin" });
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  refused = error.kind;
}
console.log(JSON.stringify({ before, decided: id, refused }));
