import type { KubeObject, Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { type NodeWrite, nodeWriteProblem } from "./node-restriction.ts";

const object = (name: string, labels: Record<string, string> = {}, spec: object = {}) =>
  ({ apiVersion: "v1", kind: "X", metadata: { name, labels, uid: `${name}-uid` }, spec }) as unknown as KubeObject;
const podOn = (nodeName: string, labels: Record<string, string> = {}) => object("web", labels, { nodeName });
const stored: Readonly<Record<string, KubeObject>> = { "default/web": podOn("n1"), "default/far": podOn("n2") };

const write = (target: string, change: Partial<NodeWrite> & Pick<NodeWrite, "object">): NodeWrite => {
  const [resource = "", subresource = ""] = target.split("/");
  return { resource, subresource, namespace: "", name: change.object.metadata.name, ...change };
};
const token = (boundObjectRef?: object) =>
  write("serviceaccounts/token", { namespace: "default", object: object("bot", {}, { boundObjectRef }) });
const pod = (change: object = {}) => ({ apiVersion: "v1", kind: "Pod", name: "web", uid: "web-uid", ...change });
const lease = (namespace: string, name: string) =>
  write("leases.coordination.k8s.io", { namespace, object: object(name) });
const region = "topology.kubernetes.io/region";
const restricted = "node-restriction.kubernetes.io/pci";

const cases: Record<string, [NodeWrite, string | undefined]> = {
  "registers itself": [write("nodes", { object: object("n1", { [region]: "eu", mine: "x" }) }), undefined],
  "registers another node": [write("nodes", { object: object("n2") }), 'node "n1" is not allowed to modify node "n2"'],
  "labels itself for work that is not meant for it": [
    write("nodes", { object: object("n1", { [restricted]: "yes", "node-role.kubernetes.io/control-plane": "" }) }),
    `node "n1" is not allowed to set the following labels: ${restricted}, node-role.kubernetes.io/control-plane`,
  ],
  "changes its own labels": [
    write("nodes", { object: object("n1", { [region]: "us" }), previous: object("n1", { [region]: "eu" }) }),
    undefined,
  ],
  "takes a restricted label away": [
    write("nodes", { object: object("n1"), previous: object("n1", { [restricted]: "yes" }) }),
    `is not allowed to modify labels: ${restricted}`,
  ],
  "keeps a restricted label": [
    write("nodes", { object: object("n1", { [restricted]: "a" }), previous: object("n1", { [restricted]: "a" }) }),
    undefined,
  ],
  "takes its taint away": [
    write("nodes", {
      object: object("n1"),
      previous: object("n1", {}, { taints: [{ key: "k", effect: "NoSchedule" }] }),
    }),
    'node "n1" is not allowed to modify taints',
  ],
  "writes its status": [write("nodes/status", { object: object("n1"), previous: object("n1") }), undefined],
  "writes its pod's status": [write("pods/status", { object: podOn("n1"), previous: podOn("n1") }), undefined],
  "writes the status of another node's pod": [
    write("pods/status", { object: podOn("n1"), previous: podOn("n2") }),
    'node "n1" can only update pod status for pods with spec.nodeName set to itself',
  ],
  "changes labels by a pod's status": [
    write("pods/status", { object: podOn("n1", { a: "b" }), previous: podOn("n1") }),
    'node "n1" cannot update labels through pod status',
  ],
  "asks for a token of its pod": [token(pod()), undefined],
  "asks for a token of no pod": [token(), "node requested token not bound to a pod"],
  "asks for a token of a secret": [token(pod({ kind: "Secret" })), "node requested token not bound to a pod"],
  "asks for a token without the pod's uid": [
    token(pod({ uid: "" })),
    "node requested token with a pod binding without a uid",
  ],
  "asks for a token of a pod that is gone": [token(pod({ name: "gone" })), 'pods "gone" not found'],
  "asks for a token of a pod made anew": [
    token(pod({ uid: "old" })),
    "the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated",
  ],
  "asks for a token of another node's pod": [
    token(pod({ name: "far" })),
    "node requested token bound to a pod scheduled on a different node",
  ],
  "makes its lease": [lease("kube-node-lease", "n1"), undefined],
  "makes another node's lease": [
    lease("kube-node-lease", "n2"),
    "can only access node lease with the same name as the requesting node",
  ],
  "makes a lease elsewhere": [
    lease("default", "n1"),
    'can only access leases in the "kube-node-lease" system namespace',
  ],
  "writes what is no node's business": [write("configmaps", { object: object("x") }), undefined],
};

describe("a node", () => {
  it.each(Object.entries(cases))("%s", (_sentence, [given, expected]) => {
    const findPod = (namespace: string, name: string) => stored[`${namespace}/${name}`] as Pod | undefined;
    expect(nodeWriteProblem("n1", given, findPod)).toBe(expected);
  });
});
