import { expect, test } from "vitest";
import { dottedSysctl, sysctlNamespace } from "./sysctls.ts";

test.each([
  ["net.ipv4.tcp_syncookies", "net.ipv4.tcp_syncookies"],
  ["net/ipv4/conf/eth0.1/arp_ignore", "net.ipv4.conf.eth0/1.arp_ignore"],
  ["net.ipv4.conf.eth0/1.arp_ignore", "net.ipv4.conf.eth0/1.arp_ignore"],
  ["nothing", "nothing"],
])("%s is %s", (name, dotted) => {
  expect(dottedSysctl(name)).toBe(dotted);
});

test.each([
  ["kernel.sem", "ipc"],
  ["kernel.shm*", "ipc"],
  ["fs.mqueue.msg_max", "ipc"],
  ["net.*", "net"],
  ["kernel.panic", undefined],
  ["kernel.*", undefined],
  ["*", undefined],
])("%s is of the namespace %s", (name, namespace) => {
  expect(sysctlNamespace(name)).toBe(namespace);
});
