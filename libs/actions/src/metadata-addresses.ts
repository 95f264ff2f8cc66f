import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/**
 * Where clouds answer any program on the machine with the machine's own credentials. A pod that names such a host in a probe
 * or hook would have the node ask for it: from there it may be reachable although it is not from the pod.
 */
const metadata = new BlockList();
metadata.addSubnet("169.254.0.0", 16, "ipv4");
metadata.addSubnet("fe80::", 10, "ipv6");
/** Azure, Alibaba, Oracle, AWS. */
for (const address of ["168.63.129.16", "100.100.100.200", "192.0.0.192"]) metadata.addAddress(address, "ipv4");
metadata.addAddress("fd00:ec2::254", "ipv6");

export function isMetadataAddress(address: string): boolean {
  const [plain = ""] = address.split("%", 1);
  const version = isIP(plain);
  return version !== 0 && metadata.check(plain, version === 4 ? "ipv4" : "ipv6");
}

/** Why a host is not asked. */
export const metadataRefusal = (address: string): string =>
  `${address} is a link-local or metadata address, which hooks and probes may not reach`;

export class MetadataAddressError extends Error {
  constructor(address: string) {
    super(metadataRefusal(address));
  }
}

/** As the system's, but a name that stands for such an address is refused. Addresses themselves are never looked up. */
export const lookupOutside: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true } as LookupOptions & { all: true }, (error, found) => {
    if (error) return callback(error, "", 0);
    const refused = found.find(({ address }) => isMetadataAddress(address));
    const [first] = found;
    if (refused) callback(new MetadataAddressError(refused.address), "", 0);
    else if (options.all) callback(null, found as LookupAddress[]);
    else callback(null, first?.address ?? "", first?.family ?? 0);
  });
};
