import { describe, expect, it } from "vitest";
import { parseCommand, UsageError } from "./arguments.ts";

describe("the command line", () => {
  it.each([
    ["nothing asks for help", [], { kind: "help", of: undefined }],
    ["--help after a command asks for that command's help", ["up", "--help"], { kind: "help", of: "up" }],
    ["down knows its state directory", ["down"], { kind: "down", stateDir: "/var/lib/podbus" }],
    ["a state directory becomes absolute", ["status", "--state-dir", "/a/../b"], { kind: "status", stateDir: "/b" }],
    [
      "trace takes a pod with or without its kind",
      ["trace", "pod/web", "-n", "shop"],
      { kind: "trace", stateDir: "/var/lib/podbus", namespace: "shop", pod: "web", follow: false },
    ],
    [
      "trace may follow a start",
      ["trace", "-f", "web"],
      { kind: "trace", stateDir: "/var/lib/podbus", namespace: "default", pod: "web", follow: true },
    ],
    [
      "probes are those of all pods",
      ["probes"],
      { kind: "probes", stateDir: "/var/lib/podbus", namespace: undefined, pod: undefined },
    ],
    [
      "probes of one pod are of one namespace",
      ["probes", "pod/web"],
      { kind: "probes", stateDir: "/var/lib/podbus", namespace: "default", pod: "web" },
    ],
    [
      "probes of a namespace",
      ["probes", "-n", "shop"],
      { kind: "probes", stateDir: "/var/lib/podbus", namespace: "shop", pod: undefined },
    ],
    ["demo may keep what it made", ["demo", "--keep"], { kind: "demo", keep: true, manifest: undefined }],
  ])("%s", (_sentence, argv, expected) => {
    expect(parseCommand(argv as string[])).toEqual(expected);
  });

  it("up has defaults for everything but the host's name", () => {
    expect(parseCommand(["up", "--node-name", "n1"])).toEqual({
      kind: "up",
      options: {
        stateDir: "/var/lib/podbus",
        nodeName: "n1",
        apiAddress: "0.0.0.0",
        apiPort: 6443,
        natsPort: 4222,
        otlpPort: 4318,
        podCidr: "10.88.0.0/16",
        insecureRegistries: [],
        logLevel: "info",
      },
    });
  });

  it.each([
    ["an unknown command", ["start"], /unknown command "start"/],
    ["an unknown option", ["up", "--prot", "1"], /--prot/],
    ["a port that is no port", ["up", "--api-port", "70000"], /--api-port 70000: must be a port from 1 to 65535/],
    ["a port that is no number", ["up", "--nats-port", "x"], /--nats-port x/],
    ["a node name with upper case", ["up", "--node-name", "Node"], /must be a DNS subdomain/],
    ["a network that is none", ["up", "--pod-cidr", "10.88.0.0"], /--pod-cidr 10.88.0.0/],
    ["a network with too large bytes", ["up", "--pod-cidr", "10.300.0.0/16"], /--pod-cidr/],
    ["a registry with a scheme", ["up", "--insecure-registry", "http://r:1"], /without a scheme or path/],
    ["a log level that does not exist", ["up", "--log-level", "loud"], /must be one of trace/],
    ["trace without a pod", ["trace"], /name one pod/],
    ["trace with two pods", ["trace", "a", "b"], /name one pod/],
    ["probes of two pods", ["probes", "a", "b"], /name one pod, or none/],
    ["init without a directory", ["init", "--node", "n"], /where to write/],
    ["init without a node", ["init", "--dir", "/x"], /at least one node/],
  ])("%s is refused in one sentence", (_sentence, argv, message) => {
    expect(() => parseCommand(argv as string[])).toThrow(UsageError);
    expect(() => parseCommand(argv as string[])).toThrow(message as RegExp);
  });
});
