import { describe, expect, it } from "vitest";
import { printFieldError } from "../../validation/field-error.ts";
import { podWith, podWithContainer } from "./pod-fixture.ts";
import { pods } from "./resource.ts";
import type { Pod } from "./schema.ts";

/** More of what may be said of a container, beside validate.test.ts. Rules: pkg/apis/core/validation/validation.go. */
const c = "spec.containers[0]";
const container = podWithContainer;
const port = (value: object) => container({ ports: [{ containerPort: 80, ...value }] });
const env = (variable: object) => container({ env: [{ name: "A", ...variable }] });
const from = (valueFrom: object) => env({ valueFrom });
const probe = (value: object, field = "livenessProbe") => container({ [field]: value });
const http = (value: object) => probe({ httpGet: { port: 80, path: "/", ...value } });
const limits = (value: object) => container({ resources: { limits: value } });
const mounted = (mount: object, more: object = {}) =>
  container(
    { volumeMounts: [{ name: "v", mountPath: "/v", ...mount }], ...more },
    { volumes: [{ name: "v", emptyDir: {} }] },
  );
const init = (change: object) => podWith({ initContainers: [{ name: "init", image: "i", ...change }] });
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const portRange = "must be between 1 and 65535, inclusive";
const negative = "must be greater than or equal to 0";
const configKey =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const memoryDivisors =
  "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with";

type Case = readonly [sentence: string, pod: Pod, errors: readonly string[]];

const names: readonly Case[] = [
  ["a container name in capitals", container({ name: "Main" }), [`${c}.name: Invalid value: "Main": ${label}`]],
  [
    "a container name of 64 characters",
    container({ name: "a".repeat(64) }),
    [`${c}.name: Invalid value: "${"a".repeat(64)}": must be no more than 63 characters`],
  ],
  ["a container name of 63 characters is fine", container({ name: "a".repeat(63) }), []],
  [
    "an image with a space after it",
    container({ image: "nginx " }),
    [`${c}.image: Invalid value: "nginx ": must not have leading or trailing whitespace`],
  ],
  ["an image that no registry has is fine here", container({ image: "Not//An::Image" }), []],
  ["an init container without image", init({ image: "" }), ["spec.initContainers[0].image: Required value"]],
  [
    "an init container name with an underscore",
    init({ name: "a_b" }),
    [`spec.initContainers[0].name: Invalid value: "a_b": ${label}`],
  ],
  [
    "two init containers of one name",
    podWith({
      initContainers: [
        { name: "a", image: "i" },
        { name: "a", image: "i" },
      ],
    }),
    ['spec.initContainers[1].name: Duplicate value: "a"'],
  ],
  [
    "a sidecar named like a container",
    init({ name: "main", restartPolicy: "Always" }),
    ['spec.initContainers[0].name: Duplicate value: "main"'],
  ],
  [
    "every problem is told, not only the first",
    container({ name: "A", image: "" }),
    [`${c}.name: Invalid value: "A": ${label}`, `${c}.image: Required value`],
  ],
];

const ports: readonly Case[] = [
  ["port 1", port({ containerPort: 1 }), []],
  ["port 65535", port({ containerPort: 65_535 }), []],
  ["a host port", port({ hostPort: 8080 }), []],
  ["SCTP", port({ protocol: "SCTP" }), []],
  [
    "a protocol in small letters",
    port({ protocol: "tcp" }),
    [`${c}.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"`],
  ],
  ["a negative host port", port({ hostPort: -1 }), [`${c}.ports[0].hostPort: Invalid value: -1: ${portRange}`]],
  [
    "a port name in capitals",
    port({ name: "HTTP" }),
    [
      `${c}.ports[0].name: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
      `${c}.ports[0].name: Invalid value: "HTTP": must contain at least one letter (a-z)`,
    ],
  ],
  [
    "a port name that begins with a hyphen",
    port({ name: "-a" }),
    [`${c}.ports[0].name: Invalid value: "-a": must not begin or end with a hyphen`],
  ],
  [
    "a port name with two hyphens",
    port({ name: "a--b" }),
    [`${c}.ports[0].name: Invalid value: "a--b": must not contain consecutive hyphens`],
  ],
  [
    "one number under two names",
    container({
      ports: [
        { name: "a", containerPort: 80 },
        { name: "b", containerPort: 80 },
      ],
    }),
    [],
  ],
  [
    "one host port on two addresses",
    container({
      ports: [
        { containerPort: 80, hostPort: 80, hostIP: "10.0.0.1" },
        { containerPort: 81, hostPort: 80, hostIP: "10.0.0.2" },
      ],
    }),
    [],
  ],
  [
    "one host port in two containers",
    podWith({
      containers: ["a", "b"].map((name) => ({
        name,
        image: "i",
        ports: [{ containerPort: 80, hostPort: 80, protocol: "TCP" }],
      })),
    }),
    ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"'],
  ],
  [
    "an init container's host port may be that of a container",
    podWith({
      containers: [{ name: "a", image: "i", ports: [{ containerPort: 80, hostPort: 80 }] }],
      initContainers: [{ name: "b", image: "i", ports: [{ containerPort: 80, hostPort: 80 }] }],
    }),
    [],
  ],
];

const environment: readonly Case[] = [
  ["a name with dots and dashes", env({ name: "my.var-1" }), []],
  [
    "a name with an equals sign",
    env({ name: "a=b" }),
    [
      `${c}.env[0].name: Invalid value: "a=b": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
    ],
  ],
  ["a name that is a directory", env({ name: ".." }), [`${c}.env[0].name: Invalid value: "..": must not be '..'`]],
  ["one name twice: the later one counts", container({ env: [{ name: "A" }, { name: "A" }] }), []],
  ["a value that refers to another", env({ value: "$(B)" }), []],
  [
    "every field of the pod",
    container({
      env: [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
      ].map((fieldPath, index) => ({ name: `A${index}`, valueFrom: { fieldRef: { fieldPath } } })),
    }),
    [],
  ],
  ["an annotation", from({ fieldRef: { fieldPath: "metadata.annotations['example.com/a']" } }), []],
  [
    "an annotation whose key is none",
    from({ fieldRef: { fieldPath: "metadata.annotations['a b']" } }),
    [`${c}.env[0].valueFrom.fieldRef: Invalid value: "a b": ${qualified}`],
  ],
  [
    "a field in another version",
    from({ fieldRef: { apiVersion: "v2", fieldPath: "metadata.name" } }),
    [
      `${c}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: field label not supported: metadata.name`,
    ],
  ],
  ["no field", from({ fieldRef: { fieldPath: "" } }), [`${c}.env[0].valueFrom.fieldRef.fieldPath: Required value`]],
  [
    "a field that is no variable",
    from({ fieldRef: { fieldPath: "spec.restartPolicy" } }),
    [
      `${c}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.restartPolicy": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
    ],
  ],
  ...["metadata.labels", "metadata.annotations"].map(
    (fieldPath): Case => [
      `all of ${fieldPath} is no variable`,
      from({ fieldRef: { fieldPath } }),
      [
        `${c}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "${fieldPath}": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
      ],
    ],
  ),
  ["a memory limit in Mi", from({ resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } }), []],
  [
    "memory in halves",
    from({ resourceFieldRef: { resource: "limits.memory", divisor: "2Mi" } }),
    [`${c}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "2Mi": ${memoryDivisors} the memory resource`],
  ],
  [
    "storage in tens",
    from({ resourceFieldRef: { resource: "requests.ephemeral-storage", divisor: "10" } }),
    [
      `${c}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "10": ${memoryDivisors} the local ephemeral storage resource`,
    ],
  ],
  ["huge pages", from({ resourceFieldRef: { resource: "limits.hugepages-2Mi" } }), []],
  [
    "a resource that is none",
    from({ resourceFieldRef: { resource: "limits.gpu" } }),
    [
      `${c}.env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"`,
    ],
  ],
  ["a key of a ConfigMap", from({ configMapKeyRef: { name: "a", key: "b.c" } }), []],
  [
    "a key with a slash",
    from({ configMapKeyRef: { name: "a", key: "b/c" } }),
    [`${c}.env[0].valueFrom.configMapKeyRef.key: Invalid value: "b/c": ${configKey}`],
  ],
  [
    "a ConfigMap without name",
    from({ configMapKeyRef: { key: "a" } }),
    [`${c}.env[0].valueFrom.configMapKeyRef.name: Required value`],
  ],
  ["a prefix", container({ envFrom: [{ prefix: "P_", secretRef: { name: "a" } }] }), []],
  [
    "a prefix that begins with a digit",
    container({ envFrom: [{ prefix: "1", secretRef: { name: "a" } }] }),
    [
      `${c}.envFrom[0].prefix: Invalid value: "1": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
    ],
  ],
];

const mounts: readonly Case[] = [
  ["a mount", mounted({}), []],
  ["a read-only mount of a part", mounted({ readOnly: true, subPath: "a/b" }), []],
  ["a part named by variables", mounted({ subPathExpr: "$(POD_NAME)/log" }), []],
  ["a part whose name has two dots in it", mounted({ subPath: "a..b" }), []],
  [
    "a part by variables that is absolute",
    mounted({ subPathExpr: "/$(A)" }),
    [`${c}.volumeMounts[0].subPathExpr: Invalid value: "/$(A)": must be a relative path`],
  ],
  [
    "a part that steps back in the middle",
    mounted({ subPath: "a/../b" }),
    [`${c}.volumeMounts[0].subPath: Invalid value: "a/../b": must not contain '..'`],
  ],
  [
    "an unknown propagation",
    mounted({ mountPropagation: "Both" }),
    [
      `${c}.volumeMounts[0].mountPropagation: Unsupported value: "Both": supported values: "Bidirectional", "HostToContainer", "None"`,
    ],
  ],
  ["mounts of the host", mounted({ mountPropagation: "HostToContainer" }), []],
  ["read-only with all below", mounted({ readOnly: true, recursiveReadOnly: "Enabled" }), []],
  [
    "read-only with all below, where that is possible",
    mounted({ readOnly: true, recursiveReadOnly: "IfPossible", mountPropagation: "None" }),
    [],
  ],
  ["read-only without what is below", mounted({ recursiveReadOnly: "Disabled" }), []],
  [
    "only what is below is read-only, and mounts come from the host",
    mounted({ recursiveReadOnly: "Enabled", mountPropagation: "HostToContainer" }),
    [
      `${c}.volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when readOnly is true`,
      `${c}.volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified`,
    ],
  ],
  [
    "an unknown recursion",
    mounted({ readOnly: true, recursiveReadOnly: "Always" }),
    [
      `${c}.volumeMounts[0].recursiveReadOnly: Unsupported value: "Always": supported values: "Disabled", "Enabled", "IfPossible"`,
    ],
  ],
  [
    "mounts both ways of a privileged container",
    mounted({ mountPropagation: "Bidirectional" }, { securityContext: { privileged: true } }),
    [],
  ],
  [
    "a mount of an init container",
    podWith({
      volumes: [{ name: "v", emptyDir: {} }],
      initContainers: [{ name: "a", image: "i", volumeMounts: [{ name: "w", mountPath: "/v" }] }],
    }),
    ['spec.initContainers[0].volumeMounts[0].name: Not found: "w"'],
  ],
];

const probes: readonly Case[] = [
  ["an HTTP probe by port name", http({ port: "web" }), []],
  [
    "by HTTPS, to a host, with headers",
    http({ scheme: "HTTPS", host: "example.com", httpHeaders: [{ name: "X-A", value: "b" }] }),
    [],
  ],
  [
    "an HTTP probe of port 65536",
    http({ port: 65_536 }),
    [`${c}.livenessProbe.httpGet.port: Invalid value: 65536: ${portRange}`],
  ],
  [
    "a scheme in small letters",
    http({ scheme: "http" }),
    [`${c}.livenessProbe.httpGet.scheme: Unsupported value: "http": supported values: "HTTP", "HTTPS"`],
  ],
  [
    "a header without name",
    http({ httpHeaders: [{ name: "", value: "b" }] }),
    [
      `${c}.livenessProbe.httpGet.httpHeaders: Invalid value: "": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
    ],
  ],
  ["a TCP probe by port name", probe({ tcpSocket: { port: "web" } }), []],
  [
    "a TCP probe by an empty name",
    probe({ tcpSocket: { port: "" } }),
    [
      `${c}.livenessProbe.tcpSocket.port: Invalid value: "": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
      `${c}.livenessProbe.tcpSocket.port: Invalid value: "": must contain at least one letter (a-z)`,
    ],
  ],
  [
    "a negative timeout",
    probe({ exec: { command: ["a"] }, timeoutSeconds: -1 }),
    [`${c}.livenessProbe.timeoutSeconds: Invalid value: -1: ${negative}`],
  ],
  [
    "a negative failure threshold",
    probe({ exec: { command: ["a"] }, failureThreshold: -1 }),
    [`${c}.livenessProbe.failureThreshold: Invalid value: -1: ${negative}`],
  ],
  [
    "a negative success threshold",
    probe({ exec: { command: ["a"] }, successThreshold: -1 }, "readinessProbe"),
    [`${c}.readinessProbe.successThreshold: Invalid value: -1: ${negative}`],
  ],
  ["a grace period of its own", probe({ exec: { command: ["a"] }, terminationGracePeriodSeconds: 1 }), []],
  [
    "a startup probe with a grace period",
    probe({ exec: { command: ["a"] }, terminationGracePeriodSeconds: 1 }, "startupProbe"),
    [],
  ],
  [
    "a negative grace period",
    probe({ exec: { command: ["a"] }, terminationGracePeriodSeconds: -1 }),
    [`${c}.livenessProbe.terminationGracePeriodSeconds: Invalid value: -1: must be greater than 0`],
  ],
  [
    "all three probes",
    container({
      livenessProbe: { tcpSocket: { port: 1 } },
      readinessProbe: { tcpSocket: { port: 1 } },
      startupProbe: { tcpSocket: { port: 1 } },
    }),
    [],
  ],
  [
    "a sidecar's probe is judged as a container's",
    init({ restartPolicy: "Always", readinessProbe: {} }),
    ["spec.initContainers[0].readinessProbe: Required value: must specify a handler type"],
  ],
];

const hooks: readonly Case[] = [
  [
    "both hooks",
    container({ lifecycle: { postStart: { exec: { command: ["a"] } }, preStop: { httpGet: { port: 80 } } } }),
    [],
  ],
  ["a hook to a named port", container({ lifecycle: { preStop: { httpGet: { port: "web" } } } }), []],
  [
    "a hook with two handlers",
    container({ lifecycle: { preStop: { exec: { command: ["a"] }, httpGet: { port: 80 } } } }),
    [`${c}.lifecycle.preStop.httpGet: Forbidden: may not specify more than 1 handler type`],
  ],
  [
    "a hook to port 0",
    container({ lifecycle: { preStop: { httpGet: { port: 0 } } } }),
    [`${c}.lifecycle.preStop.httpGet.port: Invalid value: 0: ${portRange}`],
  ],
  [
    "a connection to a named port",
    container({ lifecycle: { preStop: { tcpSocket: { port: "web", host: "h" } } } }),
    [],
  ],
  [
    "a connection to port 0",
    container({ lifecycle: { postStart: { tcpSocket: { port: 0 } } } }),
    [`${c}.lifecycle.postStart.tcpSocket.port: Invalid value: 0: ${portRange}`],
  ],
  [
    "a connection and a command",
    container({ lifecycle: { postStart: { exec: { command: ["a"] }, tcpSocket: { port: 80 } } } }),
    [`${c}.lifecycle.postStart.tcpSocket: Forbidden: may not specify more than 1 handler type`],
  ],
  ["no hooks in a lifecycle", container({ lifecycle: {} }), []],
  ["a pause before the end", container({ lifecycle: { preStop: { sleep: { seconds: 5 } } } }), []],
  ["a pause as long as the grace period", container({ lifecycle: { preStop: { sleep: { seconds: 30 } } } }), []],
  ...[31, 0, -1].map(
    (seconds): Case => [
      `a pause of ${seconds} s within 30`,
      container({ lifecycle: { preStop: { sleep: { seconds } } } }),
      [
        `${c}.lifecycle.preStop.sleep: Invalid value: ${seconds}: must be greater than 0 and less than terminationGracePeriodSeconds (30). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.`,
      ],
    ],
  ),
  [
    "a pause and a command",
    container({ lifecycle: { postStart: { sleep: { seconds: 5 }, exec: { command: ["a"] } } } }),
    [`${c}.lifecycle.postStart.sleep: Forbidden: may not specify more than 1 handler type`],
  ],
];

const resources: readonly Case[] = [
  ["cpu and memory", limits({ cpu: "500m", memory: "1Gi" }), []],
  ["a limit of nothing", limits({ cpu: "0" }), []],
  ["storage", limits({ "ephemeral-storage": "1Gi" }), []],
  ["huge pages with memory", limits({ "hugepages-2Mi": "4Mi", memory: "1Gi" }), []],
  // What is limited and not asked for is asked for in full: both are told.
  [
    "a negative limit",
    limits({ memory: "-1" }),
    ["limits", "requests"].map((list) => `${c}.resources.${list}[memory]: Invalid value: "-1": ${negative}`),
  ],
  ["a resource of Kubernetes' own domain", limits({ "kubernetes.io/x": "1" }), []],
  [
    "storage is of claims, not of containers",
    limits({ storage: "1Gi" }),
    ["limits", "requests"].map(
      (list) => `${c}.resources.${list}[storage]: Invalid value: "storage": must be a standard resource for containers`,
    ),
  ],
  ["a resize policy", container({ resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }] }), []],
  [
    "a resize policy twice",
    container({
      resizePolicy: [
        { resourceName: "cpu", restartPolicy: "NotRequired" },
        { resourceName: "cpu", restartPolicy: "RestartContainer" },
      ],
    }),
    [`${c}.resizePolicy[1]: Duplicate value: "cpu"`],
  ],
  [
    "a resize policy of storage",
    container({ resizePolicy: [{ resourceName: "storage", restartPolicy: "NotRequired" }] }),
    [`${c}.resizePolicy[0].resourceName: Unsupported value: "storage": supported values: "cpu", "memory"`],
  ],
  [
    "an unknown resize policy",
    container({ resizePolicy: [{ resourceName: "cpu", restartPolicy: "Maybe" }] }),
    [
      `${c}.resizePolicy[0].restartPolicy: Unsupported value: "Maybe": supported values: "NotRequired", "RestartContainer"`,
    ],
  ],
];

describe.each([
  ["names", names],
  ["ports", ports],
  ["environment", environment],
  ["mounts", mounts],
  ["probes", probes],
  ["hooks", hooks],
  ["resources", resources],
])("%s of a container", (_subject, cases) => {
  it.each(cases)("%s", (_sentence, pod, expected) => {
    expect(pods.validate(pods.defaults(pod)).map(printFieldError)).toEqual(expected);
  });
});
