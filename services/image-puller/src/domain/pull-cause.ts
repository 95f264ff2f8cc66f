import type { Code, PodbusError } from "@podbus/errors";

/** Why a pull failed, in plain words: "image pull failed for app:1 because …". */
export interface PullCause {
  readonly because: string;
  readonly code: Code;
}

interface Sign extends PullCause {
  readonly text: RegExp;
}

/**
 * CRI has no field for the cause of a failed pull, and containerd's code is Unknown for nearly all of them: its words are
 * all there is to tell them by. Each pattern holds a space, so that no image's name can match one. The first one counts.
 * Seen with containerd 1.7 (core/remotes/docker, core/content, pkg/archive); tests/registry-faults keeps them true.
 */
const signs: readonly Sign[] = [
  { text: /no space left on device/, because: "the node's disk is full", code: "RESOURCE_EXHAUSTED" },
  {
    text: /no match for platform in manifest/,
    because: "the image has no variant for this node's platform",
    code: "NOT_FOUND",
  },
  {
    text: /failed commit on ref "layer-[^\n]*: unexpected commit digest/,
    because: "a layer arrived corrupted, with another digest",
    code: "DATA_LOSS",
  },
  {
    text: /failed commit on ref "config-[^\n]*: unexpected commit digest/,
    because: "the image's configuration arrived corrupted, with another digest",
    code: "DATA_LOSS",
  },
  {
    text: /: unexpected commit digest/,
    because: "the registry sent a manifest with another digest than it announced",
    code: "DATA_LOSS",
  },
  {
    text: /wrong diff id calculated on extraction/,
    because: "a layer's content is not the one that the image's configuration names",
    code: "DATA_LOSS",
  },
  { text: /failed to extract layer/, because: "a layer cannot be unpacked", code: "DATA_LOSS" },
  {
    text: /: unexpected EOF/,
    because: "the registry sent less than it announced (truncated)",
    code: "DATA_LOSS",
  },
  {
    text: /: 429 Too Many Requests/,
    because: "the registry got too many requests (429 Too Many Requests)",
    code: "RESOURCE_EXHAUSTED",
  },
  {
    text: /: 401 Unauthorized|: no basic auth credentials|: authorization failed/,
    because: "the registry wants credentials that it accepts (401 Unauthorized)",
    code: "UNAUTHENTICATED",
  },
  {
    text: /: 403 Forbidden/,
    because: "the registry does not allow it (403 Forbidden)",
    code: "PERMISSION_DENIED",
  },
  {
    // containerd 1.7 converts what is signed; 2.0 and 2.1 each refuse in their own words.
    text: /: no signatures(?=[\],]|$)|: Pulling Schema 1 images have been deprecated|manifest\.v1\+prettyjws" is no longer supported/,
    because: "the image is in Docker's old format schema 1, which is not supported",
    code: "UNIMPLEMENTED",
  },
  {
    text: /: stopped after 10 redirects/,
    because: "the registry redirects again and again",
    code: "FAILED_PRECONDITION",
  },
  {
    text: /: http: server gave HTTP response to HTTPS client/,
    because: "the registry speaks plain HTTP and the runtime is configured for HTTPS",
    code: "FAILED_PRECONDITION",
  },
  {
    text: /: x509: /,
    because: "the registry's certificate is not trusted",
    code: "FAILED_PRECONDITION",
  },
];

/** Undefined where nothing is known of it. `error` is what the runtime's PullImage failed with. */
export function pullCause(error: PodbusError): PullCause | undefined {
  return signs.find(({ text }) => text.test(error.message)) ?? causeByCode(error);
}

function causeByCode({ code, message }: PodbusError): PullCause | undefined {
  if (code === "NOT_FOUND") {
    const unknown = message.includes("failed to resolve reference ");
    return { because: `the registry has no such ${unknown ? "image" : "part of it"} (404 Not Found)`, code };
  }
  if (code === "DEADLINE_EXCEEDED") return { because: "it took longer than allowed and was ended", code };
  // containerd's image_pull_progress_timeout, 5 minutes. Where we end a pull, our own error is what is seen here.
  if (code === "CANCELLED" && /: context canceled(?=[\],]|$)/.test(message)) {
    return { because: "nothing arrived for so long that the runtime ended it", code: "DEADLINE_EXCEEDED" };
  }
  return undefined;
}
