import { describe, expect, it } from "vitest";
import { printFieldError } from "../../validation/field-error.ts";
import { podWith, podWithContainer } from "./pod-fixture.ts";
import { pods } from "./resource.ts";
import type { Pod } from "./schema.ts";

/** More of what may be said of a pod's volumes, place and rights, beside validate.test.ts. */
const v = "spec.volumes[0]";
const volume = (source: object) => podWith({ volumes: [{ name: "v", ...source }] });
const projected = (source: object) => volume({ projected: { sources: [source] } });
const tolerate = (toleration: object) => podWith({ tolerations: [toleration] });
const dns = (dnsConfig: object) => podWith({ dnsConfig });
const secured = (securityContext: object) => podWith({ securityContext });
const container = (securityContext: object) => podWithContainer({ securityContext });
const c = "spec.containers[0].securityContext";
const spread = (constraint: object) =>
  podWith({
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", ...constraint }],
  });
const preferred = (change: object) =>
  podWith({
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, preference: { matchExpressions: [{ key: "a", operator: "Exists" }] }, ...change },
        ],
      },
    },
  });
const nodeField = (expression: object) =>
  podWith({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [expression] }] },
      },
    },
  });
const field =
  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0]";
const podTerm = (change: object, kind = "podAffinity") =>
  podWith({
    affinity: {
      [kind]: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            podAffinityTerm: { topologyKey: "zone", labelSelector: { matchLabels: { a: "b" } }, ...change },
          },
        ],
      },
    },
  });
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const mode = "must be a number between 0 and 0777 (octal), both inclusive";
const id = "must be between 0 and 2147483647, inclusive";

type Case = readonly [sentence: string, pod: Pod, errors: readonly string[]];

const volumes: readonly Case[] = [
  [
    "a name in capitals",
    podWith({ volumes: [{ name: "V", emptyDir: {} }] }),
    [`${v}.name: Invalid value: "V": ${label}`],
  ],
  [
    "a name with a dot",
    podWith({ volumes: [{ name: "a.b", emptyDir: {} }] }),
    [`${v}.name: Invalid value: "a.b": ${label}`],
  ],
  ["memory of a size", volume({ emptyDir: { medium: "Memory", sizeLimit: "64Mi" } }), []],
  ["a path of the host", volume({ hostPath: { path: "/var/log" } }), []],
  ["a path of the host that may be made", volume({ hostPath: { path: "/a", type: "DirectoryOrCreate" } }), []],
  [
    "an unknown type of path",
    volume({ hostPath: { path: "/a", type: "Link" } }),
    [
      `${v}.hostPath.type: Unsupported value: "Link": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"`,
    ],
  ],
  [
    "keys of a Secret under other names",
    volume({ secret: { secretName: "s", defaultMode: 0o400, items: [{ key: "a", path: "b/c", mode: 0 }] } }),
    [],
  ],
  [
    "a negative mode",
    volume({ secret: { secretName: "s", defaultMode: -1 } }),
    [`${v}.secret.defaultMode: Invalid value: -1: ${mode}`],
  ],
  [
    "an item's mode above 0777",
    volume({ configMap: { name: "m", items: [{ key: "a", path: "a", mode: 512 }] } }),
    [`${v}.configMap.items[0].mode: Invalid value: 512: ${mode}`],
  ],
  [
    "an item without path",
    volume({ configMap: { name: "m", items: [{ key: "a", path: "" }] } }),
    [`${v}.configMap.items[0].path: Required value`],
  ],
  [
    "an item with an absolute path",
    volume({ configMap: { name: "m", items: [{ key: "a", path: "/a" }] } }),
    [`${v}.configMap.items[0].path: Invalid value: "/a": must be a relative path`],
  ],
  [
    "an item whose path begins with two dots",
    volume({ configMap: { name: "m", items: [{ key: "a", path: "..a" }] } }),
    [`${v}.configMap.items[0].path: Invalid value: "..a": must not start with '..'`],
  ],
  [
    "the pod's labels",
    volume({ downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "metadata.labels" } }] } }),
    [],
  ],
  [
    "one label",
    volume({ downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "metadata.labels['app']" } }] } }),
    [],
  ],
  [
    "the pod's annotations, and what it is called",
    volume({
      downwardAPI: {
        items: ["annotations", "annotations['a']", "name", "namespace", "uid"].map((field, index) => ({
          path: `f${index}`,
          fieldRef: { fieldPath: `metadata.${field}` },
        })),
      },
    }),
    [],
  ],
  [
    "each resource of a container",
    volume({
      downwardAPI: {
        items: ["cpu", "memory", "ephemeral-storage", "hugepages-2Mi"].flatMap((name) =>
          ["limits", "requests"].map((kind) => ({
            path: `${kind}-${name}`,
            resourceFieldRef: { containerName: "main", resource: `${kind}.${name}` },
          })),
        ),
      },
    }),
    [],
  ],
  ...["spec.serviceAccountName", "spec.nodeName", "status.hostIP"].map(
    (fieldPath): Case => [
      `${fieldPath} is no file`,
      volume({ downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath } }] } }),
      [
        `${v}.downwardAPI.fieldRef.fieldPath: Unsupported value: "${fieldPath}": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"`,
      ],
    ],
  ),
  [
    "the pod's address is no file",
    volume({ downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "status.podIP" } }] } }),
    [
      `${v}.downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"`,
    ],
  ],
  [
    "a file of nothing",
    volume({ downwardAPI: { items: [{ path: "a" }] } }),
    [`${v}.downwardAPI: Required value: one of fieldRef and resourceFieldRef is required`],
  ],
  [
    "a limit of no container",
    volume({ downwardAPI: { items: [{ path: "a", resourceFieldRef: { resource: "limits.cpu" } }] } }),
    [`${v}.downwardAPI.resourceFieldRef.containerName: Required value`],
  ],
  ["a token", projected({ serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 600 } }), []],
  [
    "a token for longer than there is",
    projected({ serviceAccountToken: { path: "token", expirationSeconds: 2 ** 32 + 1 } }),
    [
      `${v}.projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`,
    ],
  ],
  [
    "a token without path",
    projected({ serviceAccountToken: { path: "" } }),
    [`${v}.projected.sources[0].serviceAccountToken.path: Required value`],
  ],
  [
    "a projected Secret without name",
    projected({ secret: {} }),
    [`${v}.projected.sources[0].secret.name: Required value`],
  ],
  [
    "a projected ConfigMap without name",
    projected({ configMap: {} }),
    [`${v}.projected.sources[0].configMap.name: Required value`],
  ],
  [
    "a projection's mode",
    volume({ projected: { defaultMode: 1024, sources: [] } }),
    [`${v}.projected.defaultMode: Invalid value: 1024: ${mode}`],
  ],
  [
    "a relative path of nfs",
    volume({ nfs: { server: "a", path: "b" } }),
    [`${v}.nfs.path: Invalid value: "b": must be an absolute path`],
  ],
  ["a driver without name", volume({ csi: { driver: "" } }), [`${v}.csi.driver: Required value`]],
];

const placement: readonly Case[] = [
  ["a toleration with a value", tolerate({ key: "a", operator: "Equal", value: "b", effect: "NoSchedule" }), []],
  [
    "a toleration whose key is none",
    tolerate({ key: "a b", operator: "Exists" }),
    [`spec.tolerations[0].key: Invalid value: "a b": ${qualified}`],
  ],
  [
    "a toleration whose value is none",
    tolerate({ key: "a", operator: "Equal", value: "b c" }),
    [
      `spec.tolerations[0].operator: Invalid value: "b c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ],
  ["a node by its name", nodeField({ key: "metadata.name", operator: "In", values: ["n1"] }), []],
  [
    "a node by another field",
    nodeField({ key: "metadata.uid", operator: "In", values: ["x"] }),
    [`${field}.key: Invalid value: "metadata.uid": not a valid field selector key`],
  ],
  [
    "a node by its name with Exists",
    nodeField({ key: "metadata.name", operator: "Exists" }),
    [`${field}.operator: Invalid value: "Exists": not a valid selector operator`],
  ],
  [
    "a node by two names",
    nodeField({ key: "metadata.name", operator: "In", values: ["a", "b"] }),
    [
      `${field}.values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
    ],
  ],
  ["a preference", preferred({}), []],
  [
    "a weight of 101",
    preferred({ weight: 101 }),
    [
      "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100",
    ],
  ],
  ["pods to be near", podTerm({}), []],
  ["pods to be far from", podTerm({}, "podAntiAffinity"), []],
  [
    "pods of a namespace that is none",
    podTerm({ namespaces: ["A"] }),
    [
      `spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.namespace: Invalid value: "A": ${label}`,
    ],
  ],
  [
    "a topology key that is none",
    podTerm({ topologyKey: "a b" }),
    [
      `spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Invalid value: "a b": ${qualified}`,
    ],
  ],
  ["spread evenly", spread({ minDomains: 2, labelSelector: { matchLabels: { a: "b" } } }), []],
  [
    "a negative skew",
    spread({ maxSkew: -1 }),
    ["spec.topologySpreadConstraints[0].maxSkew: Invalid value: -1: must be greater than zero"],
  ],
  [
    "no domains at least",
    spread({ minDomains: 0 }),
    ["spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be greater than zero"],
  ],
  [
    "an unknown policy for taints",
    spread({ nodeTaintsPolicy: "x" }),
    ['spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "x": supported values: "Honor", "Ignore"'],
  ],
  [
    "the same constraint twice",
    podWith({
      topologySpreadConstraints: [1, 2].map((maxSkew) => ({
        maxSkew,
        topologyKey: "zone",
        whenUnsatisfiable: "DoNotSchedule",
      })),
    }),
    ['spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"'],
  ],
  [
    "a gate whose name is none",
    podWith({ schedulingGates: [{ name: "a b" }] }),
    [`spec.schedulingGates[0]: Invalid value: "a b": ${qualified}`],
  ],
  ["a readiness gate", podWith({ readinessGates: [{ conditionType: "example.com/ready" }] }), []],
  [
    "a readiness gate that is none",
    podWith({ readinessGates: [{ conditionType: "a b" }] }),
    [`spec.readinessGates[0].conditionType: Invalid value: "a b": ${qualified}`],
  ],
  ["a node selector", podWith({ nodeSelector: { "kubernetes.io/hostname": "n1" } }), []],
  ["a node", podWith({ nodeName: "node-1.example" }), []],
];

const network: readonly Case[] = [
  ["a search path with a final dot", dns({ searches: ["a.example."] }), []],
  [
    "a search path that is none",
    dns({ searches: ["a b"] }),
    [`spec.dnsConfig.searches[0]: Invalid value: "a b": ${subdomain}`],
  ],
  [
    "33 search paths",
    dns({ searches: Array.from({ length: 33 }, (_, index) => `s${index}`) }),
    [
      expect.stringMatching(
        /^spec\.dnsConfig\.searches: Invalid value: \[\]string\{.*\}: must not have more than 32 search paths$/,
      ),
    ],
  ],
  ["an option", dns({ options: [{ name: "ndots", value: "2" }] }), []],
  [
    "an option without name",
    dns({ options: [{ name: "", value: "2" }] }),
    ["spec.dnsConfig.options[0]: Required value: must not be empty"],
  ],
  [
    "no nameservers of its own",
    podWith({ dnsPolicy: "None", dnsConfig: { nameservers: [] } }),
    ["spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"],
  ],
  ["a nameserver of IPv6", dns({ nameservers: ["2001:db8::1"] }), []],
  ["an alias", podWith({ hostAliases: [{ ip: "10.0.0.1", hostnames: ["a.example"] }] }), []],
  [
    "an alias whose name is none",
    podWith({ hostAliases: [{ ip: "10.0.0.1", hostnames: ["A"] }] }),
    [`spec.hostAliases[0].hostnames: Invalid value: "A": ${subdomain}`],
  ],
  [
    "a host name of 64 characters",
    podWith({ hostname: "a".repeat(64) }),
    [`spec.hostname: Invalid value: "${"a".repeat(64)}": must be no more than 63 characters`],
  ],
  ["the host's network, processes and memory", podWith({ hostNetwork: true, hostPID: true, hostIPC: true }), []],
];

const rights: readonly Case[] = [
  [
    "a user, a group and others",
    secured({ runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000, supplementalGroups: [1, 2], runAsNonRoot: true }),
    [],
  ],
  ["the greatest id", secured({ runAsUser: 2147483647 }), []],
  [
    "an id beyond",
    secured({ runAsUser: 2147483648 }),
    [`spec.securityContext.runAsUser: Invalid value: 2147483648: ${id}`],
  ],
  ["a negative group", secured({ runAsGroup: -1 }), [`spec.securityContext.runAsGroup: Invalid value: -1: ${id}`]],
  [
    "a negative group among others",
    secured({ supplementalGroups: [1, -1] }),
    [`spec.securityContext.supplementalGroups[1]: Invalid value: -1: ${id}`],
  ],
  ["a sysctl", secured({ sysctls: [{ name: "net.ipv4.ip_local_port_range", value: "1024 65535" }] }), []],
  ["a sysctl with slashes", secured({ sysctls: [{ name: "net/ipv4/tcp_syncookies", value: "1" }] }), []],
  [
    "a sysctl without name",
    secured({ sysctls: [{ name: "", value: "1" }] }),
    ["spec.securityContext.sysctls[0].name: Required value"],
  ],
  [
    "a sysctl in capitals",
    secured({ sysctls: [{ name: "Net.a", value: "1" }] }),
    [
      'spec.securityContext.sysctls[0].name: Invalid value: "Net.a": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
    ],
  ],
  ["volumes changed only where needed", secured({ fsGroup: 1, fsGroupChangePolicy: "OnRootMismatch" }), []],
  [
    "an unknown way of changing them",
    secured({ fsGroupChangePolicy: "Never" }),
    [
      'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"',
    ],
  ],
  ["the runtime's AppArmor profile", secured({ appArmorProfile: { type: "RuntimeDefault" } }), []],
  ["an AppArmor profile of the node", secured({ appArmorProfile: { type: "Localhost", localhostProfile: "a" } }), []],
  [
    "an AppArmor profile without a type",
    secured({ appArmorProfile: { type: "" } }),
    ["spec.securityContext.appArmorProfile.type: Required value: type is required when appArmorProfile is set"],
  ],
  [
    "an unknown AppArmor profile",
    secured({ appArmorProfile: { type: "x" } }),
    [
      'spec.securityContext.appArmorProfile.type: Unsupported value: "x": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
    ],
  ],
  [
    "an AppArmor profile that is not named",
    secured({ appArmorProfile: { type: "Localhost", localhostProfile: " " } }),
    [
      "spec.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost",
    ],
  ],
  [
    "a name of an AppArmor profile with a blank",
    secured({ appArmorProfile: { type: "Localhost", localhostProfile: "a " } }),
    ['spec.securityContext.appArmorProfile.localhostProfile: Invalid value: "a ": must not be padded with whitespace'],
  ],
  [
    "a name that no AppArmor profile needs",
    secured({ appArmorProfile: { type: "Unconfined", localhostProfile: "a" } }),
    [
      'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: "a": can only be set when AppArmor type is Localhost',
    ],
  ],
  ["only the groups of the spec", secured({ supplementalGroupsPolicy: "Strict" }), []],
  [
    "an unknown policy of groups",
    secured({ supplementalGroupsPolicy: "x" }),
    ['spec.securityContext.supplementalGroupsPolicy: Unsupported value: "x": supported values: "Merge", "Strict"'],
  ],
  ["the runtime's seccomp profile", secured({ seccompProfile: { type: "RuntimeDefault" } }), []],
  [
    "a seccomp profile of the node",
    secured({ seccompProfile: { type: "Localhost", localhostProfile: "a/b.json" } }),
    [],
  ],
  [
    "a seccomp profile out of its place",
    secured({ seccompProfile: { type: "Localhost", localhostProfile: "../b" } }),
    ["spec.securityContext.seccompProfile.localhostProfile: Invalid value: \"../b\": must not contain '..'"],
  ],
  [
    "a profile that is not asked for",
    secured({ seccompProfile: { type: "RuntimeDefault", localhostProfile: "a" } }),
    [
      'spec.securityContext.seccompProfile.localhostProfile: Invalid value: "a": can only be set when seccomp type is Localhost',
    ],
  ],
  [
    "an unknown seccomp profile",
    secured({ seccompProfile: { type: "x" } }),
    [
      'spec.securityContext.seccompProfile.type: Unsupported value: "x": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
    ],
  ],
  ["shared processes", podWith({ shareProcessNamespace: true }), []],
  ["own users", podWith({ hostUsers: false }), []],
  [
    "own users, with the node's files",
    podWith({
      hostUsers: false,
      volumes: [
        { name: "a", emptyDir: {} },
        { name: "b", configMap: { name: "b" } },
        { name: "c", secret: { secretName: "c" } },
        { name: "d", downwardAPI: {} },
        { name: "e", projected: {} },
      ],
    }),
    [],
  ],
  ["a container's user", container({ runAsUser: 0, runAsNonRoot: false }), []],
  [
    "a container's group beyond",
    container({ runAsGroup: 2147483648 }),
    [`${c}.runAsGroup: Invalid value: 2147483648: ${id}`],
  ],
  ["capabilities", container({ capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] } }), []],
  ["privileged", container({ privileged: true }), []],
  [
    "a capability that cannot go with no escalation",
    container({ allowPrivilegeEscalation: false, capabilities: { add: ["CAP_SYS_ADMIN"] } }),
    [
      `${c}: Invalid value: {"allowPrivilegeEscalation":false,"capabilities":{"add":["CAP_SYS_ADMIN"]}}: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
    ],
  ],
  [
    "all of /proc for the host's users",
    container({ procMount: "Unmasked" }),
    [`${c}.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``],
  ],
  [
    "all of /proc for the pod's own users",
    podWith({
      containers: [{ name: "main", image: "i", securityContext: { procMount: "Unmasked" } }],
      hostUsers: false,
    }),
    [],
  ],
  ["Windows' options of a pod of any system", container({ windowsOptions: { runAsUserName: "x" } }), []],
  [
    "Windows' options of a pod for Linux",
    podWithContainer(
      { securityContext: { windowsOptions: {} } },
      { securityContext: { windowsOptions: {} }, os: { name: "linux" } },
    ),
    [
      "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
      `${c}.windowsOptions: Forbidden: windows options cannot be set for a linux pod`,
    ],
  ],
];

const life: readonly Case[] = [
  ["a deadline", podWith({ activeDeadlineSeconds: 1 }), []],
  [
    "a deadline beyond",
    podWith({ activeDeadlineSeconds: 2147483648 }),
    ["spec.activeDeadlineSeconds: Invalid value: 2147483648: must be between 1 and 2147483647, inclusive"],
  ],
  [
    "a negative deadline",
    podWith({ activeDeadlineSeconds: -1 }),
    ["spec.activeDeadlineSeconds: Invalid value: -1: must be between 1 and 2147483647, inclusive"],
  ],
  ["a policy of Never", podWith({ restartPolicy: "Never" }), []],
  [
    "a policy in small letters",
    podWith({ restartPolicy: "never" }),
    ['spec.restartPolicy: Unsupported value: "never": supported values: "Always", "OnFailure", "Never"'],
  ],
  ["Linux", podWith({ os: { name: "linux" } }), []],
  ["no OS", podWith({ os: { name: "" } }), ["spec.os.name: Required value"]],
  ["a priority class", podWith({ priorityClassName: "high" }), []],
  ["a class that preempts nobody", podWith({ preemptionPolicy: "Never" }), []],
  ["overhead", podWith({ overhead: { cpu: "10m" } }), []],
  [
    "negative overhead",
    podWith({ overhead: { cpu: "-1" } }),
    ['spec.overhead[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  ["pull secrets", podWith({ imagePullSecrets: [{ name: "a" }] }), []],
];

describe.each([
  ["volumes", volumes],
  ["placement", placement],
  ["network", network],
  ["rights", rights],
  ["life", life],
])("%s of a pod", (_subject, cases) => {
  it.each(cases)("%s", (_sentence, pod, expected) => {
    expect(pods.validate(pods.defaults(pod)).map(printFieldError)).toEqual(expected);
  });
});
