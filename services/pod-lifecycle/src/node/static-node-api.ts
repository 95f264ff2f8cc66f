import type { Client } from "@podbus/bus";
import type { NodeApi } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { PodStatus } from "@podbus/kube";
import type { PodIdentity } from "../domain/pod-ref.ts";
import type { StaticPods } from "./static-pods.ts";

type Api = Client<typeof NodeApi>;
type Answering = Pick<StaticPods, "has" | "mirrorOf" | "updateStatus" | "finishDeletion">;

/** NodeApi as the steps of a pod's life use it: for a static pod this node itself answers, whether or not there is a bus. */
export function withStaticPods(api: Api, statics: Answering): Api {
  const isStatic = (pod: { readonly uid?: string | undefined } | undefined) => statics.has(pod?.uid ?? "");
  return {
    ...api,
    updatePodStatus: async (request, options) => {
      if (!isStatic(request.pod)) return api.updatePodStatus(request, options);
      const status = JSON.parse(Buffer.from(request.statusJson ?? []).toString()) as PodStatus;
      await statics.updateStatus(request.pod?.uid ?? "", status);
      return { $typeName: "podbus.api_gateway.v1.UpdatePodStatusResponse", revision: 0n };
    },
    finishPodDeletion: async (request, options) => {
      if (!isStatic(request.pod)) return api.finishPodDeletion(request, options);
      await statics.finishDeletion(request.pod?.uid ?? "");
      return { $typeName: "podbus.api_gateway.v1.FinishPodDeletionResponse" };
    },
    listPodServices: async (request, options) => {
      if (!isStatic(request.pod)) return api.listPodServices(request, options);
      return api.listPodServices({ pod: shown(request.pod) }, options);
    },
    getPodDependency: async (request, options) => {
      if (!isStatic(request.pod)) return api.getPodDependency(request, options);
      const { resource = "", name = "" } = request;
      return api.getPodDependency({ pod: shown(request.pod), resource, name }, options);
    },
  };

  function shown(pod: { readonly uid?: string; readonly name?: string } | undefined): PodIdentity {
    const mirror = statics.mirrorOf(pod?.uid ?? "");
    if (mirror) return mirror;
    throw new PodbusError({
      code: "UNAVAILABLE",
      message: `the API does not show the static pod ${pod?.name ?? ""} yet`,
    });
  }
}
