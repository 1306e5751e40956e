// Review for TypeScript. Paths, parameters and bodies come from `schema.d.ts`, which is generated from the document that
// the service serves, so that what the service does not know does not compile.

import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type Review = Client<paths>;
export type CaseSummary = components["schemas"]["CaseSummary"];
export type CaseDetail = components["schemas"]["CaseDetail"];
export type DecisionRequest = components["schemas"]["DecisionRequest"];
export type Problem = components["schemas"]["Problem"];

/** What the service refused, by the last part of the problem's type. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }

  get kind(): string {
    return this.problem.type.split(":").pop() ?? "";
  }
}

/** The service at an address, for whoever holds a token. */
export function review(baseUrl: string, token: string): Review {
  const client = createClient<paths>({ baseUrl });
  const known: Middleware = {
    onRequest({ request }) {
      request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
  };
  client.use(known);
  return client;
}

/** What an operation answered, or the refusal as an exception. */
export function answered<T>(answer: { data?: T | undefined; error?: Problem | undefined }): T {
  if (answer.error !== undefined) throw new Refused(answer.error);
  return answer.data as T;
}

/** Open cases, first the one to look at first, page by page. */
export async function* openCases(client: Review, limit = 50): AsyncGenerator<CaseSummary> {
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? { status: "open" as const, limit } : { status: "open" as const, limit, cursor };
    const page = answered(await client.GET("/v1/cases", { params: { query } }));
    yield* page.cases;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** Decides a case as it was read. */
export async function decide(client: Review, read: CaseDetail, body: DecisionRequest): Promise<void> {
  const params = { path: { id: read.case_id }, header: { "If-Match": `"${read.version}"` } };
  answered(await client.POST("/v1/cases/{id}/decision", { params, body }));
}
