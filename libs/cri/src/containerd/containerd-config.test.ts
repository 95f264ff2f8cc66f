import { describe, expect, test } from "vitest";
import { containerdPaths, renderCniConfig, renderContainerdConfig } from "./containerd-config.ts";

const settings = {
  rootDir: "/var/lib/podbus/containerd",
  runDir: "/run/podbus/containerd",
  podCidr: "10.88.0.0/16",
  bridge: "podbus0",
  pauseImage: "localhost/podbus/pause:1",
};
const installed = { runc: "/usr/sbin/runc", cniBinDir: "/usr/lib/cni", apparmor: false };

describe("config.toml", () => {
  const text = renderContainerdConfig(settings, installed);
  const lines = [
    { that: "its own directories", line: 'root = "/var/lib/podbus/containerd"' },
    { that: "its own socket", line: 'address = "/run/podbus/containerd/containerd.sock"' },
    { that: "our pause image", line: 'sandbox_image = "localhost/podbus/pause:1"' },
    { that: "no oom score that the kernel may refuse", line: "restrict_oom_score_adj = true" },
    { that: "no AppArmor where there is none", line: "disable_apparmor = true" },
    { that: "this machine's network plugins", line: 'bin_dir = "/usr/lib/cni"' },
    { that: "this machine's runc", line: 'BinaryName = "/usr/sbin/runc"' },
  ];
  test.each(lines)("says $that", ({ line }) => {
    expect(text.split("\n").map((each) => each.trim())).toContain(line);
  });

  test("leaves no name to fill in", () => {
    expect(text).not.toMatch(/@[A-Z_]+@/);
  });

  test("refuses a path that would end a string", () => {
    expect(() => renderContainerdConfig({ ...settings, rootDir: '/x"\nroot = "/y' }, installed)).toThrow(/quotes/);
  });
});

test("the pods' network is JSON with the bridge and the subnet", () => {
  expect(JSON.parse(renderCniConfig(settings))).toMatchObject({
    name: "podbus0",
    plugins: [
      { type: "bridge", bridge: "podbus0", ipam: { ranges: [[{ subnet: "10.88.0.0/16" }]] } },
      { type: "portmap" },
    ],
  });
});

test("a bridge whose name the kernel would refuse is refused", () => {
  expect(() => renderCniConfig({ ...settings, bridge: "a-name-too-long-0" })).toThrow(/longer than 15 bytes/);
});

test("the endpoint is the socket as an address", () => {
  expect(containerdPaths(settings)).toMatchObject({ endpoint: "unix:///run/podbus/containerd/containerd.sock" });
});
