import { FakeClock } from "@podbus/clock";
import { statusUnauthorized } from "@podbus/kube";
import { createLogger } from "@podbus/telemetry";
import { describe, expect, it } from "vitest";
import type { Admission } from "../access/admit-request.ts";
import { parseRequestInfo } from "../domain/request-info.ts";
import type { ApiRequest } from "./api-request.ts";
import { AuditRecord } from "./audit-record.ts";

const jane = { name: "jane", groups: ["people", "system:authenticated"] };
const root = { name: "root", uid: "u-1", groups: ["system:masters"], extra: { scopes: ["x"] } };
const admitted: Admission = { kind: "admitted", user: jane, reason: "RBAC: allowed by …" };
const path = "/api/v1/namespaces/default/pods/web/log";

/** The lines of a request, without the logger's own parts. */
async function linesOf(admission: Admission | undefined, method: string, url: string): Promise<object[]> {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ service: "api-gateway", level: "info", destination }).child({ name: "audit" });
  const [pathOnly = "", query = ""] = url.split("?");
  const parameters = new URLSearchParams(query);
  const call = {
    info: parseRequestInfo(method, pathOnly, parameters),
    query: parameters,
    raw: { socket: { remoteAddress: "192.0.2.1" } },
  } as unknown as ApiRequest;
  const clock = new FakeClock();
  const record = new AuditRecord(call, clock);
  if (admission) record.decided(admission);
  await clock.step(12);
  record.write(log, { code: 200, traceId: "t" });
  return lines.map(({ level: _, time: __, pid: ___, hostname: ____, service: _____, msg: ______, ...line }) => line);
}

describe("the audit line of a request", () => {
  it.each<[string, Admission | undefined, string, string, object[]]>([
    [
      "tells who did what to which object, from where, by whose leave and how it went; no query",
      admitted,
      "GET",
      `${path}?follow=true&token=secret`,
      [
        {
          name: "audit",
          user: jane,
          verb: "get",
          object: { resource: "pods", subresource: "log", namespace: "default", name: "web" },
          source: "192.0.2.1",
          decision: "allow",
          reason: "RBAC: allowed by …",
          code: 200,
          ms: 12,
          traceId: "t",
        },
      ],
    ],
    ["says nothing of documents and health that were allowed", admitted, "GET", "/api", []],
    [
      "tells of whoever came without a good credential",
      { kind: "refused", reason: "no credential", status: statusUnauthorized() },
      "GET",
      "/api",
      [
        {
          name: "audit",
          verb: "get",
          path: "/api",
          source: "192.0.2.1",
          decision: "forbid",
          reason: "no credential",
          code: 200,
          ms: 12,
          traceId: "t",
        },
      ],
    ],
    [
      "tells who asked and as whom",
      { kind: "admitted", user: jane, impersonator: root, reason: "" },
      "DELETE",
      "/api/v1/nodes",
      [
        {
          name: "audit",
          user: root,
          impersonatedUser: jane,
          verb: "deletecollection",
          object: { resource: "nodes" },
          source: "192.0.2.1",
          decision: "allow",
          code: 200,
          ms: 12,
          traceId: "t",
        },
      ],
    ],
    [
      "tells of a client that left before it was decided",
      undefined,
      "GET",
      "/api/v1/pods",
      [
        {
          name: "audit",
          verb: "list",
          object: { resource: "pods" },
          source: "192.0.2.1",
          code: 200,
          ms: 12,
          traceId: "t",
        },
      ],
    ],
  ])("%s", async (_sentence, admission, method, url, expected) => {
    expect(await linesOf(admission, method, url)).toEqual(expected);
  });
});
