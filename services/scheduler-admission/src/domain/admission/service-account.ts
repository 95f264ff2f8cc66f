import { type Pod, type ServiceAccount, statusForbidden } from "@podbus/kube";
import { type AdmissionStep, admit, isPodCreation, refuse, shownName } from "./admission-step.ts";

const defaultName = "default";

/**
 * A pod runs as a ServiceAccount of its namespace, which must exist and lends its pull secrets to pods without any.
 * Kubernetes: plugin/pkg/admission/serviceaccount/admission.go. Tokens are not mounted yet.
 */
export const serviceAccount: AdmissionStep = {
  name: "ServiceAccount",
  appliesTo: isPodCreation,
  review(request, lookup) {
    const pod = request.object as Pod;
    const name = pod.spec.serviceAccountName || defaultName;
    const account = lookup.get<ServiceAccount>("serviceaccounts", request.namespace, name);
    if (!account) {
      const problem = `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`;
      return refuse(statusForbidden(request.resource, shownName(request), problem));
    }
    const own = pod.spec.imagePullSecrets ?? [];
    const lent = (account.imagePullSecrets ?? []).map(({ name: secret }) => ({ name: secret }));
    const secrets = own.length > 0 ? own : lent;
    const spec = { ...pod.spec, serviceAccountName: name, serviceAccount: name };
    return admit({ ...pod, spec: secrets.length > 0 ? { ...spec, imagePullSecrets: secrets } : spec } as Pod);
  },
};
