import { describe, expect, it } from "vitest";
import { printFieldError } from "../../validation/field-error.ts";
import type { EphemeralContainer } from "./container-schema.ts";
import { defaultPod } from "./defaults.ts";
import { ephemeralContainersUpdate } from "./ephemeral-containers.ts";
import type { Pod } from "./schema.ts";

const debug: EphemeralContainer = { name: "debug", image: "busybox:1" };
const running = defaultPod({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default", uid: "u-1", resourceVersion: "7", labels: { app: "web" } },
  spec: {
    containers: [{ name: "main", image: "web:1" }],
    initContainers: [{ name: "init", image: "init:1" }],
    volumes: [{ name: "data", emptyDir: {} }],
  },
});

const withDebuggers = (pod: Pod, ...ephemeralContainers: EphemeralContainer[]): Pod => ({
  ...pod,
  spec: { ...pod.spec, ephemeralContainers },
});
const prepared = (next: Pod, previous = running) => ephemeralContainersUpdate.prepare(next, previous) as Pod;

describe("an update of ephemeral containers", () => {
  it("completes them, and leaves everything else as it was", () => {
    const next = withDebuggers(
      {
        ...running,
        metadata: { ...running.metadata, labels: { app: "other" } },
        spec: { ...running.spec, hostname: "x" },
      },
      debug,
    );
    const { spec, metadata } = prepared(next);
    expect(metadata).toEqual(running.metadata);
    const { ephemeralContainers, ...rest } = spec;
    expect(rest).toEqual(running.spec);
    expect(ephemeralContainers).toEqual([
      {
        ...debug,
        imagePullPolicy: "IfNotPresent",
        resources: {},
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
      },
    ]);
  });

  const e = "spec.ephemeralContainers";
  const notHere = "Forbidden: cannot be set for an Ephemeral Container";
  it.each<[string, readonly EphemeralContainer[], readonly string[]]>([
    ["one that sees a container's processes", [{ ...debug, targetContainerName: "main" }], []],
    ["one that mounts a volume of the pod", [{ ...debug, volumeMounts: [{ name: "data", mountPath: "/d" }] }], []],
    ["a terminal", [{ ...debug, stdin: true, tty: true }], []],
    [
      "a target that is not there",
      [{ ...debug, targetContainerName: "x" }],
      [`${e}[0].targetContainerName: Not found: "x"`],
    ],
    [
      "a target that is one of them",
      [debug, { ...debug, name: "b", targetContainerName: "debug" }],
      [`${e}[1].targetContainerName: Not found: "debug"`],
    ],
    ["the name of an app container", [{ ...debug, name: "main" }], [`${e}[0].name: Duplicate value: "main"`]],
    ["the name of an init container", [{ ...debug, name: "init" }], [`${e}[0].name: Duplicate value: "init"`]],
    ["one name twice", [debug, debug], [`${e}[1].name: Duplicate value: "debug"`]],
    ["no image", [{ name: "debug" }], [`${e}[0].image: Required value`]],
    ["ports", [{ ...debug, ports: [{ containerPort: 80 }] }], [`${e}[0].ports: ${notHere}`]],
    ["resources", [{ ...debug, resources: { limits: { cpu: "1" } } }], [`${e}[0].resources: ${notHere}`]],
    ["a probe", [{ ...debug, livenessProbe: { exec: { command: ["x"] } } }], [`${e}[0].livenessProbe: ${notHere}`]],
    [
      "a probe of readiness",
      [{ ...debug, readinessProbe: { exec: { command: ["x"] } } }],
      [`${e}[0].readinessProbe: ${notHere}`],
    ],
    [
      "a probe of its start",
      [{ ...debug, startupProbe: { exec: { command: ["x"] } } }],
      [`${e}[0].startupProbe: ${notHere}`],
    ],
    ["a restart policy", [{ ...debug, restartPolicy: "Always" }], [`${e}[0].restartPolicy: ${notHere}`]],
    ["a hook", [{ ...debug, lifecycle: { preStop: { exec: { command: ["x"] } } } }], [`${e}[0].lifecycle: ${notHere}`]],
    ["a hook that is none", [{ ...debug, lifecycle: {} }], [`${e}[0].lifecycle: ${notHere}`]],
    [
      "a part of a volume",
      [{ ...debug, volumeMounts: [{ name: "data", mountPath: "/d", subPath: "s" }] }],
      [`${e}[0].volumeMounts[0].subPath: ${notHere}`],
    ],
    [
      "a volume that the pod does not have",
      [{ ...debug, volumeMounts: [{ name: "none", mountPath: "/d" }] }],
      [`${e}[0].volumeMounts[0].name: Not found: "none"`],
    ],
  ])("%s", (_sentence, containers, expected) => {
    const errors = ephemeralContainersUpdate.validate(prepared(withDebuggers(running, ...containers)), running);
    expect(errors.map(printFieldError)).toEqual(expected);
  });

  it.each<[string, readonly EphemeralContainer[], readonly string[]]>([
    ["stays and gets company", [debug, { ...debug, name: "other" }], []],
    ["is removed", [], [`${e}: Forbidden: existing ephemeral containers "debug" may not be removed\n`]],
    [
      "is changed",
      [{ ...debug, image: "busybox:2" }],
      [`${e}: Forbidden: existing ephemeral containers "debug" may not be changed\n`],
    ],
  ])("one that is there %s", (_sentence, containers, expected) => {
    const before = prepared(withDebuggers(running, debug));
    const errors = ephemeralContainersUpdate.validate(prepared(withDebuggers(before, ...containers), before), before);
    expect(errors.map(printFieldError)).toEqual(expected);
  });
});
