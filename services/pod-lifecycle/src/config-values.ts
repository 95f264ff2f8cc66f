import { isIP } from "node:net";
import { labelValueProblems, qualifiedNameProblems, tryParseQuantity } from "@podbus/kube";
import { durationMs } from "@podbus/service";
import { z } from "zod";
import { sysctlNamespace } from "./domain/sysctls.ts";

/** "a, b": its parts without the blanks around them. */
const parts = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** "10.96.0.10,fd00::a". */
export const addresses = z
  .string()
  .default("")
  .transform((text, context) => {
    const found = parts(text);
    for (const each of found) if (isIP(each) === 0) context.addIssue(`${each}: must be an IP address`);
    return found;
  });

/** "key=value,key=value"; `problemOf` says what is wrong with a pair. */
function pairs(separator: string, problemOf: (key: string, value: string) => string | undefined) {
  return z
    .string()
    .default("")
    .transform((text, context): Record<string, string> => {
      const found: Record<string, string> = {};
      for (const part of parts(text)) {
        const at = part.indexOf(separator);
        const [key, value] = at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + separator.length)];
        const problem = at < 0 ? `must be KEY${separator}VALUE` : problemOf(key, value);
        if (problem) context.addIssue(`${part}: ${problem}`);
        found[key] = value;
      }
      return found;
    });
}

const ownDomains = /(^|\.)(kubernetes|k8s)\.io$/;
const nodeDomains = /(^|\.)(node|kubelet)\.kubernetes\.io$/;
const nodeLabelNames: ReadonlySet<string> = new Set([
  ...["hostname", "os", "arch"].map((name) => `kubernetes.io/${name}`),
  ...["zone", "region"].map((name) => `topology.kubernetes.io/${name}`),
]);

/** "disk=ssd,rack=r1". The labels of Kubernetes itself that a node may give itself: pkg/kubelet/apis/well_known_labels.go. */
export const nodeLabels = pairs("=", (name, value) => {
  const [problem] = [...qualifiedNameProblems(name), ...labelValueProblems(value)];
  if (problem) return problem;
  const domain = name.includes("/") ? (name.split("/")[0] ?? "") : "";
  const allowed = !ownDomains.test(domain) || nodeDomains.test(domain) || nodeLabelNames.has(name);
  return allowed ? undefined : "a node may not give itself this label of Kubernetes";
});

const reservable = ["cpu", "memory", "ephemeral-storage"];

/** "cpu=100m,memory=1Gi", as the kubelet's --kube-reserved. */
export const reservation = pairs("=", (resource, amount) => {
  if (!reservable.includes(resource)) return `must be one of ${reservable.join(", ")}`;
  return amountProblem(amount);
});

const signals = ["memory.available", "nodefs.available"];

/** "memory.available<100Mi,nodefs.available<10%", as the kubelet's --eviction-hard. */
export const evictionThresholds = pairs("<", (signal, amount) => {
  if (!signals.includes(signal)) return `must be one of ${signals.join(", ")}`;
  return /^\d{1,2}(\.\d{1,3})?%$/.test(amount) ? undefined : amountProblem(amount);
});

function amountProblem(amount: string): string | undefined {
  const parsed = tryParseQuantity(amount);
  if (!parsed.ok) return parsed.problem;
  return parsed.quantity.nano < 0n ? "must be greater than or equal to 0" : undefined;
}

/** "10Mi": a quantity of bytes. */
export const wholeBytes = z.string().transform((text, context) => {
  const parsed = tryParseQuantity(text);
  const bytes = parsed.ok ? Number(parsed.quantity.nano / 1_000_000_000n) : 0;
  if (bytes < 1) context.addIssue(parsed.ok ? "must be at least 1 byte" : parsed.problem);
  return bytes;
});

/** "kernel.msg*,net.core.somaxconn", as the kubelet's --allowed-unsafe-sysctls. */
export const sysctlPatterns = z
  .string()
  .default("")
  .transform((text, context) => {
    const patterns = parts(text);
    for (const pattern of patterns) {
      if (!/^[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*(\.?\*)?$/.test(pattern)) {
        context.addIssue(`${pattern}: must be a sysctl or a pattern, like net.core.somaxconn or kernel.msg*`);
      } else if (sysctlNamespace(pattern) === undefined) {
        context.addIssue(`the sysctls "${pattern}" are not known to be namespaced`);
      }
    }
    return patterns;
  });

/** "0=30s,1000=20s,2000000000=10s", as the kubelet's shutdownGracePeriodByPodPriority. */
export const periodsByPriority = pairs("=", (priority, period) => {
  if (!/^-?\d{1,10}$/.test(priority)) return "must be a whole number";
  return durationMs.safeParse(period).success ? undefined : 'must be a duration, like "30s"';
}).transform((periods) =>
  Object.entries(periods).map(([priority, period]) => ({
    priority: Number(priority),
    seconds: Math.floor(durationMs.parse(period) / 1_000),
  })),
);
