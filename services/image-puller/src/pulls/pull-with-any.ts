import { PodbusError, toPodbusError } from "@podbus/errors";
import type { PulledImage } from "../access/image-access.ts";
import type { RegistryCredential } from "../domain/credentials/registry-credential.ts";

/**
 * Tries one credential after another until the registry gives the image; without any, asks as nobody.
 * All failures are told: pkg/kubelet/kuberuntime/kuberuntime_image.go, PullImage.
 */
export async function pullWithAny(
  available: readonly RegistryCredential[],
  pull: (credential: RegistryCredential | undefined) => Promise<string>,
  signal: AbortSignal,
): Promise<PulledImage> {
  if (available.length === 0) return { imageRef: await pull(undefined), credential: undefined };
  const failures: PodbusError[] = [];
  for (const credential of available) {
    try {
      return { imageRef: await pull(credential), credential };
    } catch (thrown) {
      failures.push(toPodbusError(thrown));
      if (signal.aborted) break;
    }
  }
  throw together(failures);
}

/** As apimachinery's Aggregate: each text once, in brackets where there are several. */
function together(failures: readonly PodbusError[]): PodbusError {
  const [first] = failures;
  const texts = [...new Set(failures.map(({ message }) => message))];
  if (first && texts.length === 1) return first;
  return new PodbusError({ code: first?.code ?? "UNKNOWN", message: `[${texts.join(", ")}]`, cause: failures });
}
