import { isIP } from "node:net";
import { dnsSubdomainProblems } from "@podbus/kube";
import {
  advertisedAddress,
  defaultCriEndpoint,
  durationMs,
  integer,
  nodeName,
  runtimeRequestTimeout,
  unixEndpoint,
} from "@podbus/service";
import { z } from "zod";
import {
  addresses,
  evictionThresholds,
  nodeLabels,
  periodsByPriority,
  reservation,
  sysctlPatterns,
  wholeBytes,
} from "./config-values.ts";
import { shutdownPeriods } from "./domain/shutdown-groups.ts";

const directory = z.string().regex(/^\/./, "must be an absolute path");

/** Keys are environment variables. */
export const podLifecycleConfig = z
  .object({
    PODBUS_NODE_NAME: nodeName,
    PODBUS_CRI_ENDPOINT: unixEndpoint.default(defaultCriEndpoint),
    PODBUS_RUNTIME_REQUEST_TIMEOUT: runtimeRequestTimeout,
    PODBUS_STATE_DIR: directory.default("/var/lib/podbus"),
    PODBUS_RUN_DIR: directory.default("/run/podbus"),
    PODBUS_NODE_IP: z
      .string()
      .refine((text) => isIP(text) !== 0, "must be an IP address")
      .optional(),
    PODBUS_API_ADVERTISE_ADDRESS: advertisedAddress.optional(),
    PODBUS_STATIC_POD_PATH: directory.optional(),
    PODBUS_MAX_PODS: integer({ min: 1, max: 10_000 }).default(110),
    PODBUS_CGROUP_ROOT: directory.default("/kubepods"),
    PODBUS_POD_PIDS_LIMIT: integer({ min: 1, max: 4_194_304 }).optional(),
    PODBUS_CLUSTER_DNS: addresses,
    PODBUS_CLUSTER_DOMAIN: z
      .string()
      .refine((text) => dnsSubdomainProblems(text).length === 0, "must be a DNS domain")
      .default("cluster.local"),
    PODBUS_RESOLV_CONF: directory.default("/etc/resolv.conf"),
    PODBUS_NODE_LABELS: nodeLabels,
    PODBUS_KUBE_RESERVED: reservation,
    PODBUS_SYSTEM_RESERVED: reservation,
    // kubelet: pkg/kubelet/apis/config/v1beta1/defaults_linux.go
    PODBUS_EVICTION_HARD: evictionThresholds.prefault("memory.available<100Mi,nodefs.available<10%"),
    PODBUS_ALLOWED_UNSAFE_SYSCTLS: sysctlPatterns,
    PODBUS_CONTAINER_LOG_MAX_SIZE: wholeBytes.default(10 * 1024 * 1024),
    PODBUS_CONTAINER_LOG_MAX_FILES: integer({ min: 2, max: 1_000 }).default(5),
    PODBUS_CONTAINER_LOG_MONITOR_INTERVAL: durationMs
      .refine((ms) => ms >= 1_000, "must be at least 1s")
      .default(10_000),
    PODBUS_SHUTDOWN_GRACE_PERIOD: durationMs.optional(),
    PODBUS_SHUTDOWN_GRACE_PERIOD_CRITICAL_PODS: durationMs.optional(),
    PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY: periodsByPriority,
  })
  .refine(
    ({ PODBUS_SHUTDOWN_GRACE_PERIOD: one, PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY: many }) =>
      one === undefined || many.length === 0,
    {
      path: ["PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY"],
      message: "cannot be set together with PODBUS_SHUTDOWN_GRACE_PERIOD",
    },
  )
  .refine(
    ({ PODBUS_SHUTDOWN_GRACE_PERIOD: total = 0, PODBUS_SHUTDOWN_GRACE_PERIOD_CRITICAL_PODS: critical = 0 }) =>
      critical <= total,
    {
      path: ["PODBUS_SHUTDOWN_GRACE_PERIOD_CRITICAL_PODS"],
      message: "must be no more than PODBUS_SHUTDOWN_GRACE_PERIOD, of which it is a part",
    },
  )
  .transform((env) => ({
    nodeName: env.PODBUS_NODE_NAME,
    criEndpoint: env.PODBUS_CRI_ENDPOINT,
    criTimeoutMs: env.PODBUS_RUNTIME_REQUEST_TIMEOUT,
    stateDir: env.PODBUS_STATE_DIR,
    runDir: env.PODBUS_RUN_DIR,
    nodeIp: env.PODBUS_NODE_IP,
    apiAddress: env.PODBUS_API_ADVERTISE_ADDRESS,
    staticPodPath: env.PODBUS_STATIC_POD_PATH,
    maxPods: env.PODBUS_MAX_PODS,
    cgroupRoot: env.PODBUS_CGROUP_ROOT,
    podPidsLimit: env.PODBUS_POD_PIDS_LIMIT,
    dns: {
      cluster: { servers: env.PODBUS_CLUSTER_DNS, domain: env.PODBUS_CLUSTER_DOMAIN },
      resolvConf: env.PODBUS_RESOLV_CONF,
    },
    nodeLabels: env.PODBUS_NODE_LABELS,
    reserved: { kube: env.PODBUS_KUBE_RESERVED, system: env.PODBUS_SYSTEM_RESERVED },
    evictionHard: env.PODBUS_EVICTION_HARD,
    allowedSysctls: env.PODBUS_ALLOWED_UNSAFE_SYSCTLS,
    logs: {
      limits: { maxBytes: env.PODBUS_CONTAINER_LOG_MAX_SIZE, maxFiles: env.PODBUS_CONTAINER_LOG_MAX_FILES },
      everyMs: env.PODBUS_CONTAINER_LOG_MONITOR_INTERVAL,
    },
    shutdownPeriods:
      env.PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY.length > 0
        ? env.PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY
        : shutdownPeriods(
            Math.floor((env.PODBUS_SHUTDOWN_GRACE_PERIOD ?? 0) / 1_000),
            Math.floor((env.PODBUS_SHUTDOWN_GRACE_PERIOD_CRITICAL_PODS ?? 0) / 1_000),
          ),
  }));

export type PodLifecycleConfig = z.output<typeof podLifecycleConfig>;
