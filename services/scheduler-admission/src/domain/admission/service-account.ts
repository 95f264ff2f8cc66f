import { createHash } from "node:crypto";
import {
  asksForToken,
  type Container,
  isMirrorPod,
  type Pod,
  type PodSpec,
  podReferences,
  type ServiceAccount,
  statusForbidden,
  type Volume,
} from "@podbus/kube";
import {
  type AdmissionRequest,
  type AdmissionStep,
  type AdmissionVerdict,
  admit,
  isPodCreation,
  refuse,
  shownName,
} from "./admission-step.ts";

const defaultName = "default";
const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/** An hour, and seven seconds by which such tokens are told from those that somebody asked for. */
const tokenSeconds = 3607;

/**
 * A pod runs as a ServiceAccount of its namespace, which must exist, lends its pull secrets to pods without any, and
 * whose token each container finds unless pod or account say otherwise.
 * Kubernetes: plugin/pkg/admission/serviceaccount/admission.go.
 */
export const serviceAccount: AdmissionStep = {
  name: "ServiceAccount",
  appliesTo: isPodCreation,
  review(request, lookup) {
    const pod = request.object as Pod;
    if (isMirrorPod(pod)) return reviewMirror(request, pod);
    const name = pod.spec.serviceAccountName || defaultName;
    const account = lookup.get<ServiceAccount>("serviceaccounts", request.namespace, name);
    if (!account) {
      const problem = `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`;
      return refuse(statusForbidden(request.resource, shownName(request), problem));
    }
    const own = pod.spec.imagePullSecrets ?? [];
    const lent = (account.imagePullSecrets ?? []).map(({ name: secret }) => ({ name: secret }));
    const secrets = own.length > 0 ? own : lent;
    const spec: PodSpec = {
      ...pod.spec,
      serviceAccountName: name,
      serviceAccount: name,
      ...(secrets.length > 0 ? { imagePullSecrets: secrets } : {}),
    };
    const mounted = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    return admit({ ...pod, spec: mounted ? withToken(spec, pod.metadata.uid ?? "") : spec } as Pod);
  },
};

/** A mirror shows its static pod as it is; and what the node cannot read without the API it may not refer to. */
function reviewMirror(request: AdmissionRequest, pod: Pod): AdmissionVerdict {
  const problem = mirrorProblem(pod);
  return problem ? refuse(statusForbidden(request.resource, shownName(request), problem)) : admit(pod);
}

function mirrorProblem(pod: Pod): string | undefined {
  if (pod.spec.serviceAccountName) return "a mirror pod may not reference service accounts";
  if (podReferences(pod, "secrets").size > 0) return "a mirror pod may not reference secrets";
  return asksForToken(pod) ? "a mirror pod may not use ServiceAccountToken volume projections" : undefined;
}

function withToken(spec: PodSpec, uid: string): PodSpec {
  const volume = tokenVolume(spec, uid);
  const containers = spec.containers.map((container) => withMount(container, volume.name));
  const initContainers = spec.initContainers?.map((container) => withMount(container, volume.name));
  const used = [...containers, ...(initContainers ?? [])].some((container) =>
    container.volumeMounts?.some(({ name }) => name === volume.name),
  );
  if (!used) return spec;
  const volumes = [...(spec.volumes ?? []), volume];
  return { ...spec, volumes, containers, ...(initContainers ? { initContainers } : {}) };
}

function withMount(container: Container, volume: string): Container {
  const mounts = container.volumeMounts ?? [];
  if (mounts.some((mount) => mount.mountPath === mountPath)) return container;
  return { ...container, volumeMounts: [...mounts, { name: volume, readOnly: true, mountPath }] };
}

/** What a client in the pod needs to speak to the API: a token, whom to trust, and its namespace. */
function tokenVolume({ volumes = [] }: PodSpec, uid: string): Volume {
  const taken = new Set(volumes.map(({ name }) => name));
  let name = "";
  for (let attempt = 0; name === "" || taken.has(name); attempt++) name = `kube-api-access-${suffix(uid, attempt)}`;
  const namespace = { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } };
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [namespace] } },
      ],
    },
  };
}

/** apimachinery/pkg/util/rand, where such names come from: no vowels, nothing that looks like something else. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** From the pod's uid, so that the same request is answered the same. */
function suffix(uid: string, attempt: number): string {
  const digest = createHash("sha256").update(`${uid} ${attempt}`).digest();
  return [...digest.subarray(0, 5)].map((byte) => alphabet.charAt(byte % alphabet.length)).join("");
}
