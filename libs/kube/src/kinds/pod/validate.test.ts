import { describe, expect, it } from "vitest";
import { printFieldError } from "../../validation/field-error.ts";
import { podWith, podWithContainer } from "./pod-fixture.ts";
import { pods } from "./resource.ts";
import type { Pod } from "./schema.ts";

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const c = "spec.containers[0]";
const port = "must be between 1 and 65535, inclusive";
const more = "may not specify more than 1";
const initOnly = "may not be set for init containers without restartPolicy=Always";

const container = podWithContainer;
const probe = (field: string, value: object) => container({ [field]: value });
const get = { httpGet: { port: 80 } };
const init = (change: object) => podWith({ initContainers: [{ name: "init", image: "i", ...change }] });
const volume = (source: object) => podWith({ volumes: [{ name: "v", ...source }] });
const tolerate = (toleration: object) => podWith({ tolerations: [toleration] });
const env = (variable: object) => container({ env: [{ name: "A", ...variable }] });
const nodeAffinity = (expression: object) =>
  podWith({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] },
      },
    },
  });
const term =
  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]";
const spread = (constraint: object) =>
  podWith({
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", ...constraint }],
  });

describe("validation of a new pod: what is refused, in Kubernetes' words", () => {
  it.each<[string, Pod, string[]]>([
    ["no name", podWith({}, { name: "" }), ["metadata.name: Required value: name or generateName is required"]],
    ["a name in capitals", podWith({}, { name: "Web" }), [`metadata.name: Invalid value: "Web": ${subdomain}`]],
    [
      "a name that is too long",
      podWith({}, { name: "a".repeat(254) }),
      [`metadata.name: Invalid value: "${"a".repeat(254)}": must be no more than 253 characters`],
    ],
    [
      "a bad generateName",
      podWith({}, { name: "", generateName: "Web-" }),
      [`metadata.generateName: Invalid value: "Web-": ${subdomain}`],
    ],
    ["no namespace", podWith({}, { namespace: "" }), ["metadata.namespace: Required value"]],
    ["a bad namespace", podWith({}, { namespace: "a.b" }), [`metadata.namespace: Invalid value: "a.b": ${label}`]],
    [
      "a bad label key",
      podWith({}, { labels: { "a/b/c": "x" } }),
      [
        "metadata.labels: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
      ],
    ],
    [
      "a bad label value",
      podWith({}, { labels: { a: "b c" } }),
      [
        "metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      ],
    ],
    [
      "annotations of more than 256 KiB",
      podWith({}, { annotations: { a: "x".repeat(256 * 1024) } }),
      ["metadata.annotations: Too long: must have at most 262144 bytes"],
    ],
    [
      "a finalizer without a domain",
      podWith({}, { finalizers: ["mine"] }),
      [
        'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      "two controllers",
      podWith(
        {},
        {
          ownerReferences: [
            { apiVersion: "v1", kind: "A", name: "a", uid: "1", controller: true },
            { apiVersion: "v1", kind: "B", name: "b", uid: "2", controller: true },
          ],
        },
      ),
      [
        'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"A","name":"a","uid":"1","controller":true},{"apiVersion":"v1","kind":"B","name":"b","uid":"2","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for A/a and B/b',
      ],
    ],
    [
      "an owner without uid",
      podWith({}, { ownerReferences: [{ apiVersion: "v1", kind: "A", name: "a", uid: "" }] }),
      ['metadata.ownerReferences[0].uid: Invalid value: "": uid must not be empty'],
    ],

    ["no containers", podWith({ containers: [] }), ["spec.containers: Required value"]],
    ["a container without name", container({ name: "" }), [`${c}.name: Required value`]],
    ["a container name with a dot", container({ name: "a.b" }), [`${c}.name: Invalid value: "a.b": ${label}`]],
    ["a container without image", container({ image: "" }), [`${c}.image: Required value`]],
    [
      "an image with a space before it",
      container({ image: " nginx" }),
      [`${c}.image: Invalid value: " nginx": must not have leading or trailing whitespace`],
    ],
    [
      "two containers of one name",
      podWith({
        containers: [
          { name: "a", image: "i" },
          { name: "a", image: "i" },
        ],
      }),
      ['spec.containers[1].name: Duplicate value: "a"'],
    ],
    [
      "an init container named like a container",
      init({ name: "main" }),
      ['spec.initContainers[0].name: Duplicate value: "main"'],
    ],
    [
      "an unknown pull policy",
      container({ imagePullPolicy: "Sometimes" }),
      [`${c}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`],
    ],
    [
      "an unknown termination message policy",
      container({ terminationMessagePolicy: "x" }),
      [`${c}.terminationMessagePolicy: Unsupported value: "x": supported values: "FallbackToLogsOnError", "File"`],
    ],
    [
      "a restart policy on a container",
      container({ restartPolicy: "Always" }),
      [`${c}.restartPolicy: Forbidden: may not be set for non-init containers`],
    ],
    [
      "a negative port",
      container({ ports: [{ containerPort: -1 }] }),
      [`${c}.ports[0].containerPort: Invalid value: -1: ${port}`],
    ],
    ["no port number", container({ ports: [{ name: "a" }] }), [`${c}.ports[0].containerPort: Required value`]],
    [
      "a port above 65535",
      container({ ports: [{ containerPort: 65536 }] }),
      [`${c}.ports[0].containerPort: Invalid value: 65536: ${port}`],
    ],
    [
      "a bad host port",
      container({ ports: [{ containerPort: 1, hostPort: 70000 }] }),
      [`${c}.ports[0].hostPort: Invalid value: 70000: ${port}`],
    ],
    [
      "an unknown protocol",
      container({ ports: [{ containerPort: 1, protocol: "ICMP" }] }),
      [`${c}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`],
    ],
    [
      "a port name that is too long",
      container({ ports: [{ containerPort: 1, name: "a".repeat(16) }] }),
      [`${c}.ports[0].name: Invalid value: "${"a".repeat(16)}": must be no more than 15 characters`],
    ],
    [
      "a port name without a letter",
      container({ ports: [{ containerPort: 1, name: "80" }] }),
      [`${c}.ports[0].name: Invalid value: "80": must contain at least one letter (a-z)`],
    ],
    [
      "two ports of one name",
      container({
        ports: [
          { containerPort: 1, name: "a" },
          { containerPort: 2, name: "a" },
        ],
      }),
      [`${c}.ports[1].name: Duplicate value: "a"`],
    ],
    [
      "one host port twice",
      container({
        ports: [
          { containerPort: 1, hostPort: 80 },
          { containerPort: 2, hostPort: 80 },
        ],
      }),
      [`${c}.ports[1].hostPort: Duplicate value: "TCP//80"`],
    ],
    [
      "a host port that differs on the host's network",
      container({ ports: [{ containerPort: 80, hostPort: 81 }] }, { hostNetwork: true }),
      [`${c}.ports[0].containerPort: Invalid value: 80: must match \`hostPort\` when \`hostNetwork\` is true`],
    ],

    ["an env without name", env({ name: "" }), [`${c}.env[0].name: Required value`]],
    [
      "an env name that begins with a digit",
      env({ name: "1A" }),
      [
        `${c}.env[0].name: Invalid value: "1A": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
      ],
    ],
    [
      "an env source that names nothing",
      env({ valueFrom: {} }),
      [
        `${c}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\` or \`secretKeyRef\``,
      ],
    ],
    [
      "an env with a value and a source",
      env({ value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }),
      [`${c}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`],
    ],
    [
      "an env with two sources",
      env({ valueFrom: { fieldRef: { fieldPath: "metadata.name" }, secretKeyRef: { name: "s", key: "k" } } }),
      [`${c}.env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time`],
    ],
    [
      "an env from an unknown field",
      env({ valueFrom: { fieldRef: { fieldPath: "spec.foo" } } }),
      [
        `${c}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo`,
      ],
    ],
    [
      "an env from all labels",
      env({ valueFrom: { fieldRef: { fieldPath: "metadata.labels" } } }),
      [
        `${c}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
      ],
    ],
    [
      "an env from no resource",
      env({ valueFrom: { resourceFieldRef: { resource: "" } } }),
      [`${c}.env[0].valueFrom.resourceFieldRef.resource: Required value`],
    ],
    [
      "a CPU divisor other than 1 and 1m",
      env({ valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "10" } } }),
      [
        `${c}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "10": only divisor's values 1m and 1 are supported with the cpu resource`,
      ],
    ],
    [
      "an env from a secret without name and key",
      env({ valueFrom: { secretKeyRef: {} } }),
      [
        `${c}.env[0].valueFrom.secretKeyRef.name: Required value`,
        `${c}.env[0].valueFrom.secretKeyRef.key: Required value`,
      ],
    ],
    [
      "an envFrom of nothing",
      container({ envFrom: [{}] }),
      [`${c}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``],
    ],
    [
      "an envFrom of two",
      container({ envFrom: [{ configMapRef: { name: "a" }, secretRef: { name: "b" } }] }),
      [`${c}.envFrom: Invalid value: "": may not have more than one field specified at a time`],
    ],
    [
      "an envFrom without a name",
      container({ envFrom: [{ configMapRef: {} }] }),
      [`${c}.envFrom[0].configMapRef.name: Required value`],
    ],

    [
      "a mount without name",
      container({ volumeMounts: [{ mountPath: "/a" }] }),
      [`${c}.volumeMounts[0].name: Required value`],
    ],
    [
      "a mount of a volume that is not there",
      container({ volumeMounts: [{ name: "v", mountPath: "/a" }] }),
      [`${c}.volumeMounts[0].name: Not found: "v"`],
    ],
    [
      "a mount without path",
      container({ volumeMounts: [{ name: "v" }] }, { volumes: [{ name: "v" }] }),
      [`${c}.volumeMounts[0].mountPath: Required value`],
    ],
    [
      "two mounts at one path",
      container(
        {
          volumeMounts: [
            { name: "v", mountPath: "/a" },
            { name: "v", mountPath: "/a" },
          ],
        },
        { volumes: [{ name: "v" }] },
      ),
      [`${c}.volumeMounts[1].mountPath: Invalid value: "/a": must be unique`],
    ],
    [
      "a subPath out of the volume",
      container({ volumeMounts: [{ name: "v", mountPath: "/a", subPath: "../b" }] }, { volumes: [{ name: "v" }] }),
      [`${c}.volumeMounts[0].subPath: Invalid value: "../b": must not contain '..'`],
    ],
    [
      "an absolute subPath",
      container({ volumeMounts: [{ name: "v", mountPath: "/a", subPath: "/b" }] }, { volumes: [{ name: "v" }] }),
      [`${c}.volumeMounts[0].subPath: Invalid value: "/b": must be a relative path`],
    ],
    [
      "subPath and subPathExpr",
      container(
        { volumeMounts: [{ name: "v", mountPath: "/a", subPath: "b", subPathExpr: "c" }] },
        { volumes: [{ name: "v" }] },
      ),
      [`${c}.volumeMounts[0].subPathExpr: Invalid value: "c": subPathExpr and subPath are mutually exclusive`],
    ],
    [
      "Bidirectional mounts without privileges",
      container(
        { volumeMounts: [{ name: "v", mountPath: "/a", mountPropagation: "Bidirectional" }] },
        { volumes: [{ name: "v" }] },
      ),
      [
        `${c}.volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
      ],
    ],
    ["a volume without name", podWith({ volumes: [{ emptyDir: {} }] }), ["spec.volumes[0].name: Required value"]],
    [
      "two volumes of one name",
      podWith({ volumes: [{ name: "v" }, { name: "v" }] }),
      ['spec.volumes[1].name: Duplicate value: "v"'],
    ],
    [
      "a volume with two sources",
      volume({ emptyDir: {}, secret: { secretName: "s" } }),
      [`spec.volumes[0].secret: Forbidden: ${more} volume type`],
    ],
    ["a secret volume without name", volume({ secret: {} }), ["spec.volumes[0].secret.secretName: Required value"]],
    ["a configMap volume without name", volume({ configMap: {} }), ["spec.volumes[0].configMap.name: Required value"]],
    [
      "a mode above 0777",
      volume({ secret: { secretName: "s", defaultMode: 512 } }),
      [
        "spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
      ],
    ],
    [
      "an item without key and with a path out of the volume",
      volume({ configMap: { name: "c", items: [{ key: "", path: "a/../b" }] } }),
      [
        "spec.volumes[0].configMap.items[0].key: Required value",
        "spec.volumes[0].configMap.items[0].path: Invalid value: \"a/../b\": must not contain '..'",
      ],
    ],
    ["a hostPath without path", volume({ hostPath: {} }), ["spec.volumes[0].hostPath.path: Required value"]],
    [
      "a hostPath that steps back",
      volume({ hostPath: { path: "/a/../b" } }),
      ["spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"],
    ],
    [
      "a claim without name",
      volume({ persistentVolumeClaim: {} }),
      ["spec.volumes[0].persistentVolumeClaim.claimName: Required value"],
    ],
    [
      "nfs of nothing",
      volume({ nfs: {} }),
      ["spec.volumes[0].nfs.server: Required value", "spec.volumes[0].nfs.path: Required value"],
    ],
    [
      "a negative size limit",
      volume({ emptyDir: { sizeLimit: "-1" } }),
      ["spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"],
    ],
    [
      "a token for less than ten minutes",
      volume({ projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 60 } }] } }),
      [
        "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
      ],
    ],
    [
      "two sources in one projection",
      volume({ projected: { sources: [{ secret: { name: "s" }, configMap: { name: "c" } }] } }),
      [`spec.volumes[0].projected.sources[0].configMap: Forbidden: ${more} volume type`],
    ],

    [
      "a probe that does nothing",
      probe("livenessProbe", {}),
      [`${c}.livenessProbe: Required value: must specify a handler type`],
    ],
    [
      "a probe with two handlers",
      probe("readinessProbe", { ...get, exec: { command: ["true"] } }),
      [`${c}.readinessProbe.httpGet: Forbidden: ${more} handler type`],
    ],
    [
      "an exec probe without command",
      probe("livenessProbe", { exec: {} }),
      [`${c}.livenessProbe.exec.command: Required value`],
    ],
    [
      "an HTTP probe of port 0",
      probe("readinessProbe", { httpGet: { port: 0 } }),
      [`${c}.readinessProbe.httpGet.port: Invalid value: 0: ${port}`],
    ],
    [
      "an HTTP probe of a bad port name",
      probe("readinessProbe", { httpGet: { port: "A" } }),
      [
        `${c}.readinessProbe.httpGet.port: Invalid value: "A": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
        `${c}.readinessProbe.httpGet.port: Invalid value: "A": must contain at least one letter (a-z)`,
      ],
    ],
    [
      "an HTTP probe by ftp",
      probe("readinessProbe", { httpGet: { port: 80, scheme: "FTP" } }),
      [`${c}.readinessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"`],
    ],
    [
      "an HTTP header with a space",
      probe("readinessProbe", { httpGet: { port: 80, httpHeaders: [{ name: "a b", value: "" }] } }),
      [
        `${c}.readinessProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
      ],
    ],
    [
      "a TCP probe of port 70000",
      probe("startupProbe", { tcpSocket: { port: 70000 } }),
      [`${c}.startupProbe.tcpSocket.port: Invalid value: 70000: ${port}`],
    ],
    [
      "a negative delay",
      probe("livenessProbe", { ...get, initialDelaySeconds: -1 }),
      [`${c}.livenessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0`],
    ],
    [
      "a negative period",
      probe("livenessProbe", { ...get, periodSeconds: -1 }),
      [`${c}.livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`],
    ],
    [
      "a liveness probe that wants two successes",
      probe("livenessProbe", { ...get, successThreshold: 2 }),
      [`${c}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
    ],
    [
      "a startup probe that wants two successes",
      probe("startupProbe", { ...get, successThreshold: 2 }),
      [`${c}.startupProbe.successThreshold: Invalid value: 2: must be 1`],
    ],
    [
      "a readiness probe with a grace period",
      probe("readinessProbe", { ...get, terminationGracePeriodSeconds: 5 }),
      [`${c}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes`],
    ],
    [
      "a liveness probe with a grace period of 0",
      probe("livenessProbe", { ...get, terminationGracePeriodSeconds: 0 }),
      [`${c}.livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0`],
    ],
    [
      "a hook that does nothing",
      container({ lifecycle: { preStop: {} } }),
      [`${c}.lifecycle.preStop: Required value: must specify a handler type`],
    ],
    [
      "a hook with an empty command",
      container({ lifecycle: { postStart: { exec: {} } } }),
      [`${c}.lifecycle.postStart.exec.command: Required value`],
    ],

    [
      "requests above limits",
      container({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
      [`${c}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`],
    ],
    [
      "a negative request",
      container({ resources: { requests: { memory: "-1Gi" } } }),
      [`${c}.resources.requests[memory]: Invalid value: "-1Gi": must be greater than or equal to 0`],
    ],
    [
      "an unknown resource",
      container({ resources: { requests: { disk: "1" } } }),
      [
        `${c}.resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified`,
        `${c}.resources.requests[disk]: Invalid value: "disk": must be a standard resource for containers`,
      ],
    ],
    [
      "half a device",
      container({ resources: { limits: { "example.com/gpu": "500m" } } }),
      [
        `${c}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
        `${c}.resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
      ],
    ],
    [
      "devices requested without a limit",
      container({ resources: { requests: { "example.com/gpu": "1" } } }),
      [`${c}.resources.requests: Required value: Limit must be set for non overcommitable resources`],
    ],
    [
      "devices requested other than limited",
      container({ resources: { requests: { "example.com/gpu": "1" }, limits: { "example.com/gpu": "2" } } }),
      [`${c}.resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2`],
    ],
    [
      "huge pages alone",
      container({ resources: { limits: { "hugepages-2Mi": "2Mi" } } }),
      [`${c}.resources: Forbidden: HugePages require cpu or memory`],
    ],

    [
      "an init container with a hook",
      init({ lifecycle: { preStop: { exec: { command: ["a"] } } } }),
      [`spec.initContainers[0].lifecycle: Forbidden: ${initOnly}`],
    ],
    [
      "an init container with a readiness probe",
      init({ readinessProbe: get }),
      [`spec.initContainers[0].readinessProbe: Forbidden: ${initOnly}`],
    ],
    [
      "an init container with a liveness probe",
      init({ livenessProbe: get }),
      [`spec.initContainers[0].livenessProbe: Forbidden: ${initOnly}`],
    ],
    [
      "an init container with a startup probe",
      init({ startupProbe: get }),
      [`spec.initContainers[0].startupProbe: Forbidden: ${initOnly}`],
    ],
    [
      "an init container that restarts on failure",
      init({ restartPolicy: "OnFailure" }),
      ['spec.initContainers[0].restartPolicy: Unsupported value: "OnFailure": supported values: "Always"'],
    ],

    [
      "an unknown restart policy",
      podWith({ restartPolicy: "Maybe" }),
      ['spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"'],
    ],
    [
      "an unknown DNS policy",
      podWith({ dnsPolicy: "Guess" }),
      [
        'spec.dnsPolicy: Unsupported value: "Guess": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
      ],
    ],
    [
      "no DNS at all",
      podWith({ dnsPolicy: "None" }),
      ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    ],
    [
      "four nameservers",
      podWith({ dnsConfig: { nameservers: ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"] } }),
      [
        'spec.dnsConfig.nameservers: Invalid value: []string{"1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"}: must not have more than 3 nameservers',
      ],
    ],
    [
      "a nameserver by name",
      podWith({ dnsConfig: { nameservers: ["dns"] } }),
      [
        'spec.dnsConfig.nameservers[0]: Invalid value: "dns": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [
      "a deadline of 0",
      podWith({ activeDeadlineSeconds: 0 }),
      ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
    ],
    [
      "a bad service account",
      podWith({ serviceAccountName: "A" }),
      [`spec.serviceAccountName: Invalid value: "A": ${subdomain}`],
    ],
    ["a bad node name", podWith({ nodeName: "A" }), [`spec.nodeName: Invalid value: "A": ${subdomain}`]],
    [
      "a bad runtime class",
      podWith({ runtimeClassName: "A" }),
      [`spec.runtimeClassName: Invalid value: "A": ${subdomain}`],
    ],
    [
      "a bad priority class",
      podWith({ priorityClassName: "A" }),
      [`spec.priorityClassName: Invalid value: "A": ${subdomain}`],
    ],
    ["a hostname with a dot", podWith({ hostname: "a.b" }), [`spec.hostname: Invalid value: "a.b": ${label}`]],
    ["a subdomain with a dot", podWith({ subdomain: "a.b" }), [`spec.subdomain: Invalid value: "a.b": ${label}`]],
    [
      "a pull secret without name",
      podWith({ imagePullSecrets: [{}] }),
      ["spec.imagePullSecrets[0].name: Required value"],
    ],
    [
      "an unknown OS",
      podWith({ os: { name: "plan9" } }),
      ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
    ],
    [
      "a host alias without address",
      podWith({ hostAliases: [{ ip: "x" }] }),
      ['spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
    [
      "an unknown preemption policy",
      podWith({ preemptionPolicy: "x" }),
      ['spec.preemptionPolicy: Unsupported value: "x": supported values: "Never", "PreemptLowerPriority"'],
    ],
    [
      "ephemeral containers from the start",
      podWith({ ephemeralContainers: [{ name: "debug", image: "i" }] }),
      ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
    ],
    [
      "a gate and a node",
      podWith({ nodeName: "n", schedulingGates: [{ name: "g" }] }),
      ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
    ],
    [
      "a gate twice",
      podWith({ schedulingGates: [{ name: "g" }, { name: "g" }] }),
      ['spec.schedulingGates[1]: Duplicate value: "g"'],
    ],

    [
      "a toleration of everything that is not Exists",
      tolerate({ operator: "Equal" }),
      [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
    [
      "seconds for another effect",
      tolerate({ key: "a", effect: "NoSchedule", tolerationSeconds: 1 }),
      [
        "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
      ],
    ],
    [
      "an unknown operator",
      tolerate({ key: "a", operator: "Like" }),
      ['spec.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"'],
    ],
    [
      "an unknown effect",
      tolerate({ key: "a", effect: "Explode" }),
      [
        'spec.tolerations[0].effect: Unsupported value: "Explode": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    [
      "a value with Exists",
      tolerate({ key: "a", operator: "Exists", value: "b" }),
      [
        'spec.tolerations[0].operator: Invalid value: {"key":"a","operator":"Exists","value":"b"}: value must be empty when `operator` is \'Exists\'',
      ],
    ],
    [
      "In without values",
      nodeAffinity({ key: "a", operator: "In" }),
      [`${term}.values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`],
    ],
    [
      "Exists with values",
      nodeAffinity({ key: "a", operator: "Exists", values: ["b"] }),
      [`${term}.values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`],
    ],
    [
      "Gt with two values",
      nodeAffinity({ key: "a", operator: "Gt", values: ["1", "2"] }),
      [`${term}.values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`],
    ],
    [
      "an unknown node selector operator",
      nodeAffinity({ key: "a", operator: "Near" }),
      [`${term}.operator: Invalid value: "Near": not a valid selector operator`],
    ],
    [
      "a required node affinity of nothing",
      podWith({
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
      }),
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
      ],
    ],
    [
      "a weight of 0",
      podWith({
        affinity: {
          nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }] },
        },
      }),
      [
        "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100",
      ],
    ],
    [
      "a pod affinity without topology",
      podWith({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } } }),
      [
        "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty",
      ],
    ],
    [
      "a skew of 0",
      spread({ maxSkew: 0 }),
      ["spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero"],
    ],
    [
      "no topology to spread over",
      spread({ topologyKey: "" }),
      ["spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty"],
    ],
    [
      "an unknown action",
      spread({ whenUnsatisfiable: "Cry" }),
      [
        'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Cry": supported values: "DoNotSchedule", "ScheduleAnyway"',
      ],
    ],
    [
      "minDomains with ScheduleAnyway",
      spread({ minDomains: 1, whenUnsatisfiable: "ScheduleAnyway" }),
      [
        "spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
      ],
    ],

    [
      "a negative user",
      container({ securityContext: { runAsUser: -1 } }),
      [`${c}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`],
    ],
    [
      "privileged without escalation",
      container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
      [
        `${c}.securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
      ],
    ],
    [
      "an unknown proc mount",
      container({ securityContext: { procMount: "x" } }),
      [`${c}.securityContext.procMount: Unsupported value: "x": supported values: "Default", "Unmasked"`],
    ],
    [
      "a local seccomp profile without its file",
      container({ securityContext: { seccompProfile: { type: "Localhost" } } }),
      [
        `${c}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`,
      ],
    ],
    [
      "a negative fsGroup",
      podWith({ securityContext: { fsGroup: -1 } }),
      ["spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive"],
    ],
    [
      "a sysctl twice",
      podWith({
        securityContext: {
          sysctls: [
            { name: "a.b", value: "1" },
            { name: "a.b", value: "2" },
          ],
        },
      }),
      ['spec.securityContext.sysctls[1].name: Duplicate value: "a.b"'],
    ],
    [
      "own users on the host's network",
      podWith({ hostUsers: false, hostNetwork: true }),
      ["spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false"],
    ],
    [
      "own users among the host's processes and memory",
      podWith({ hostUsers: false, hostPID: true, hostIPC: true }),
      [
        "spec.hostPID: Forbidden: when `pod.Spec.HostUsers` is false",
        "spec.hostIPC: Forbidden: when `pod.Spec.HostUsers` is false",
      ],
    ],
    [
      "own users with volumes of others",
      podWith({
        hostUsers: false,
        volumes: [
          { name: "a", emptyDir: {} },
          { name: "b", hostPath: { path: "/b" } },
          { name: "c", persistentVolumeClaim: { claimName: "c" } },
        ],
      }),
      [1, 2].map(
        (at) => `spec.volumes[${at}]: Forbidden: volume type not supported when \`pod.Spec.HostUsers\` is false`,
      ),
    ],
    [
      "shared processes with each other and the host",
      podWith({ shareProcessNamespace: true, hostPID: true }),
      ["spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled"],
    ],
    [
      "a bad node selector",
      podWith({ nodeSelector: { a: "b c" } }),
      [expect.stringContaining('spec.nodeSelector: Invalid value: "b c"')],
    ],
  ])("%s", (_sentence, pod, expected) => {
    expect(pods.validate(pod).map(printFieldError)).toEqual(expected);
  });
});

describe("validation of a new pod: what is accepted", () => {
  it.each<[string, Pod]>([
    ["a plain pod", podWith()],
    ["only generateName", podWith({}, { name: "", generateName: "web-" })],
    ["a name of 253 characters", podWith({}, { name: "a".repeat(253) })],
    ["a name with dots", podWith({}, { name: "a.b.c" })],
    ["several containers and init containers", podWith({ initContainers: [{ name: "i", image: "i" }] })],
    [
      "a port by name",
      container({ ports: [{ name: "http", containerPort: 80 }], readinessProbe: { httpGet: { port: "http" } } }),
    ],
    [
      "one host port for TCP and UDP",
      container({
        ports: [
          { containerPort: 1, hostPort: 53 },
          { containerPort: 1, hostPort: 53, protocol: "UDP" },
        ],
      }),
    ],
    ["ports on the host's network", container({ ports: [{ containerPort: 80 }] }, { hostNetwork: true })],
    ["requests equal to limits", container({ resources: { requests: { cpu: "1" }, limits: { cpu: "1000m" } } })],
    ["devices", container({ resources: { limits: { "example.com/gpu": "2" } } })],
    ["a readiness probe that wants two successes", probe("readinessProbe", { ...get, successThreshold: 2 })],
    [
      "a sidecar with probes and hooks",
      init({ restartPolicy: "Always", readinessProbe: get, lifecycle: { preStop: { exec: { command: ["a"] } } } }),
    ],
    ["a label of an env", env({ valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } })],
    ["a volume without source is an emptyDir", podWith({ volumes: [{ name: "v" }] })],
    ["tolerate everything", tolerate({ operator: "Exists" })],
    ["tolerate for a while", tolerate({ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 })],
    ["own DNS", podWith({ dnsPolicy: "None", dnsConfig: { nameservers: ["1.1.1.1"], searches: ["a.b."] } })],
    ["a grace period of 0", podWith({ terminationGracePeriodSeconds: 0 })],
    ["numeric node selectors", nodeAffinity({ key: "a", operator: "Gt", values: ["1"] })],
    ["a gRPC probe", probe("livenessProbe", { grpc: { port: 1 } })],
  ])("%s", (_sentence, pod) => {
    expect(pods.validate(pod).map(printFieldError)).toEqual([]);
  });
});
