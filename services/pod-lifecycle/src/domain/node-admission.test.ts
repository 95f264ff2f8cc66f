import { expect, test } from "vitest";
import { container, pod } from "../../tests/fixtures.ts";
import { admitPod } from "./node-admission.ts";

const wanting = (requests: Record<string, string>) =>
  pod({ containers: [container("main", { resources: { requests } })] });
const allocatable = { pods: "2", cpu: "1", memory: "1Gi" };
const prefix = "Node didn't have enough resource:";

test.each([
  ["room for all", wanting({ cpu: "500m" }), [wanting({ cpu: "500m" })], undefined],
  [
    "one pod too many",
    pod(),
    [pod(), pod()],
    { reason: "OutOfpods", message: `${prefix} pods, requested: 1, used: 2, capacity: 2` },
  ],
  [
    "no processor left",
    wanting({ cpu: "501m" }),
    [wanting({ cpu: "500m" })],
    { reason: "OutOfcpu", message: `${prefix} cpu, requested: 501, used: 500, capacity: 1000` },
  ],
  [
    "no memory left",
    wanting({ memory: "1Gi" }),
    [wanting({ memory: "1Mi" })],
    { reason: "OutOfmemory", message: `${prefix} memory, requested: 1073741824, used: 1048576, capacity: 1073741824` },
  ],
  ["asks for nothing where nothing is left", pod(), [wanting({ cpu: "1", memory: "1Gi" })], undefined],
])("%s", (_, subject, pods, expected) => {
  expect(admitPod(subject, { allocatable, pods })).toEqual(expected);
});
