import { type Code, PodbusError } from "@podbus/errors";
import { describe, expect, it } from "vitest";
import { explainPullFailure, withFailedSources } from "./pull-failure.ts";

describe("explainPullFailure", () => {
  const pulling = 'failed to pull and unpack image "r.example/app:1": ';
  const resolving = `${pulling}failed to resolve reference "r.example/app:1": `;
  const table: [string, Code, string, string, Code, boolean][] = [
    ["an unknown image", "NOT_FOUND", `${resolving}r.example/app:1: not found`, "ErrImagePull", "NOT_FOUND", true],
    [
      "no image for our platform",
      "NOT_FOUND",
      `${pulling}no match for platform in manifest sha256:1: not found`,
      "ErrImagePull",
      "NOT_FOUND",
      true,
    ],
    [
      "a refused connection",
      "UNKNOWN",
      `${resolving}failed to do request: Head "https://r.example/v2/app/manifests/1": dial tcp 10.0.0.1:443: connect: connection refused`,
      "RegistryUnavailable",
      "UNAVAILABLE",
      true,
    ],
    [
      "an unknown host",
      "UNKNOWN",
      `${resolving}failed to do request: Head "https://r.example/v2": dial tcp: lookup r.example: no such host`,
      "RegistryUnavailable",
      "UNAVAILABLE",
      true,
    ],
    [
      "a silent host",
      "UNKNOWN",
      `${resolving}failed to do request: Head "https://r.example/v2": dial tcp 10.0.0.1:443: i/o timeout`,
      "RegistryUnavailable",
      "UNAVAILABLE",
      true,
    ],
    [
      "a broken registry",
      "UNKNOWN",
      `${resolving}unexpected status from HEAD request to https://r.example/v2/app/manifests/1: 503 Service Unavailable`,
      "RegistryUnavailable",
      "UNAVAILABLE",
      true,
    ],
    [
      "a token service that does not answer",
      "UNKNOWN",
      `${resolving}failed to authorize: failed to fetch anonymous token: Get "https://t.example/token": dial tcp: lookup t.example: no such host`,
      "RegistryUnavailable",
      "UNAVAILABLE",
      true,
    ],
    [
      "a registry that closes the connection",
      "UNKNOWN",
      `${resolving}failed to do request: Head "https://r.example/v2/app/manifests/1": EOF`,
      "RegistryUnavailable",
      "UNAVAILABLE",
      true,
    ],
    [
      "a connection that is reset",
      "UNKNOWN",
      `${pulling}failed to copy: read tcp 10.0.0.2:5->10.0.0.1:443: read: connection reset by peer`,
      "RegistryUnavailable",
      "UNAVAILABLE",
      true,
    ],
    ["a cause that nobody knows", "UNKNOWN", `${resolving}out of luck`, "ErrImagePull", "UNKNOWN", true],
    [
      "a pull that took too long",
      "DEADLINE_EXCEEDED",
      "no answer within 600000 ms",
      "ErrImagePull",
      "DEADLINE_EXCEEDED",
      true,
    ],
    ["a runtime that is away", "UNAVAILABLE", "No connection established", "ErrImagePull", "UNAVAILABLE", false],
  ];
  it.each(table)("%s", (_sentence, code, message, reason, expectedCode, counts) => {
    const failure = explainPullFailure("r.example/app:1", new PodbusError({ code, message }));
    expect({ reason: failure.reason, code: failure.code, counts: failure.counts }).toEqual({
      reason,
      code: expectedCode,
      counts,
    });
    expect(failure.message).toContain(message);
    expect(failure.detail).toContain(message);
  });

  it("speaks as Kubernetes does", () => {
    const missing = new PodbusError({ code: "NOT_FOUND", message: "app:1: not found" });
    expect(explainPullFailure("app:1", missing).detail).toBe("rpc error: code = NotFound desc = app:1: not found");
    const unheard = new PodbusError({ code: "UNKNOWN", message: "out of luck" });
    expect(explainPullFailure("app:1", unheard).message).toBe("rpc error: code = Unknown desc = out of luck");
    const forbidden = new PodbusError({ code: "UNKNOWN", message: "unexpected status: 403 Forbidden" });
    expect(explainPullFailure("app:1", forbidden).message).toBe(
      "image pull failed for app:1 because the registry does not allow it (403 Forbidden): unexpected status: 403 Forbidden",
    );
    const refused = new PodbusError({ code: "UNKNOWN", message: "dial tcp 10.0.0.1:80: connect: connection refused" });
    expect(explainPullFailure("app:1", refused).message).toBe(
      "image pull failed for app:1 because the registry is unavailable: dial tcp 10.0.0.1:80: connect: connection refused",
    );
  });

  it("names the sources of credentials that had failed before, where the image or the registry is at fault", () => {
    const failed = ["plugin a: it hung", "plugin b: it ended"];
    const withNames = (code: "UNKNOWN" | "UNAVAILABLE") =>
      withFailedSources(explainPullFailure("app:1", new PodbusError({ code, message: "why" })), failed);
    const told =
      "rpc error: code = Unknown desc = why; no credentials from plugin a: it hung; no credentials from plugin b: it ended";
    expect(withNames("UNKNOWN")).toMatchObject({ message: told, detail: told });
    expect(withNames("UNAVAILABLE").message).toBe("rpc error: code = Unavailable desc = why");
  });
});
