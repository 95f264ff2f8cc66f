import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import { type FieldError, invalid } from "./field-error.ts";

export type IpFamily = "IPv4" | "IPv6";

export function familyOf(address: string): IpFamily | undefined {
  if (isIPv4(address)) return "IPv4";
  return isIPv6(address) ? "IPv6" : undefined;
}

/** "10.0.0.0/8": staging/src/k8s.io/apimachinery/pkg/util/validation/ip.go IsValidCIDR */
export function cidrProblems(value: string): string[] {
  const [address = "", bits = "", ...rest] = value.split("/");
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  const valid = rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= longest;
  return valid ? [] : ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
}

function range(...subnets: readonly (readonly [string, number, "ipv4" | "ipv6"])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits, family] of subnets) list.addSubnet(address, bits, family);
  return list;
}

const specialRanges: readonly (readonly [BlockList, string])[] = [
  [range(["127.0.0.0", 8, "ipv4"], ["::1", 128, "ipv6"]), "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
  [
    range(["169.254.0.0", 16, "ipv4"], ["fe80::", 10, "ipv6"]),
    "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
  ],
  [
    range(["224.0.0.0", 24, "ipv4"], ["ff02::", 16, "ipv6"]),
    "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  ],
];
const unspecified = range(["0.0.0.0", 32, "ipv4"], ["::", 128, "ipv6"]);

/** Addresses by which an endpoint can be reached from elsewhere: pkg/apis/core/validation ValidateNonSpecialIP. */
export function validateReachableIp(address: string, field: string): FieldError[] {
  if (isIP(address) === 0) return [invalid(field, address, "must be a valid IP address")];
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  const problems = [
    ...(unspecified.check(address, family) ? [`may not be unspecified (${address})`] : []),
    ...specialRanges.filter(([list]) => list.check(address, family)).map(([, problem]) => problem),
  ];
  return problems.map((problem) => invalid(field, address, problem));
}
