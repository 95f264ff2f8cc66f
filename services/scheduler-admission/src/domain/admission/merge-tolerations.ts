import { isDeepStrictEqual } from "node:util";
import type { Toleration } from "@podbus/kube";

// pkg/util/tolerations/tolerations.go

/** Whether `wide` bears all that `narrow` bears. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  if (isDeepStrictEqual(wide, narrow)) return true;
  const anyKey = !wide.key && wide.operator === "Exists";
  if (!anyKey && (wide.key ?? "") !== (narrow.key ?? "")) return false;
  if (wide.effect && wide.effect !== narrow.effect) return false;
  if (wide.effect === "NoExecute" && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === "Exists") return true;
  return narrow.operator === "Equal" && (wide.value ?? "") === (narrow.value ?? "");
}

/** Both lists in one, without what another one of them covers. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  return all.filter((one, index) => {
    const coveredBefore = all.slice(0, index).some((other) => covers(other, one));
    // Of equal ones the first stays.
    const coveredLater = all.slice(index + 1).some((other) => !isDeepStrictEqual(other, one) && covers(other, one));
    return !coveredBefore && !coveredLater;
  });
}
