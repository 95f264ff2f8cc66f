import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { type ContainerChoice, chooseContainer } from "./choose-container.ts";

const pod = (containers: string[], initContainers: string[] = []): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "x" },
  spec: {
    containers: containers.map((name) => ({ name, image: "i" })),
    ...(initContainers.length > 0 ? { initContainers: initContainers.map((name) => ({ name, image: "i" })) } : {}),
  },
});
const refuse = (message: string): ContainerChoice => ({ kind: "refuse", message });
const chosen = (name: string): ContainerChoice => ({ kind: "container", name });

const cases: Record<string, [Pod, string, ContainerChoice]> = {
  "the only one is meant": [pod(["a"]), "", chosen("a")],
  "a named one": [pod(["a", "b"]), "b", chosen("b")],
  "a named init container": [pod(["a"], ["i"]), "i", chosen("i")],
  "an unknown one": [pod(["a"]), "z", refuse("container z is not valid for pod x")],
  "several need a name": [
    pod(["a", "b"]),
    "",
    refuse("a container name must be specified for pod x, choose one of: [a b]"),
  ],
  "init containers are offered, too": [
    pod(["a"], ["i", "j"]),
    "",
    refuse("a container name must be specified for pod x, choose one of: [a] or one of the init containers: [i j]"),
  ],
};

describe("chooseContainer", () => {
  it.each(Object.entries(cases))("%s", (_name, [subject, wanted, expected]) => {
    expect(chooseContainer(subject, wanted)).toEqual(expected);
  });
});
