import { get } from "node:http";
import { connect } from "node:net";

/**
 * What so many probes cost at least: a bare Node process that asks the same ports as often, and judges nothing.
 * bare-prober.ts HTTP-PORT HTTP-PROBES TCP-PORT TCP-PROBES PERIOD-MS
 */
const [httpPort = 0, httpProbes = 0, tcpPort = 0, tcpProbes = 0, periodMs = 1_000] = process.argv.slice(2).map(Number);

function askHttp(): void {
  get({ host: "127.0.0.1", port: httpPort, path: "/healthz", agent: false }, (response) => response.resume());
}

function dialTcp(): void {
  const socket = connect(tcpPort, "127.0.0.1", () => socket.destroy());
}

function often(count: number, ask: () => void): void {
  for (let at = 0; at < count; at++) setTimeout(() => setInterval(ask, periodMs), (at * periodMs) / count);
}

often(httpProbes, askHttp);
often(tcpProbes, dialTcp);
