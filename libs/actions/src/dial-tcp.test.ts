import { type AddressInfo, createServer, type Socket } from "node:net";
import { FakeClock, systemClock } from "@podbus/clock";
import { expect, it } from "vitest";
import { dialTcp } from "./dial-tcp.ts";

const signal = new AbortController().signal;

async function withServer<T>(work: (port: number) => Promise<T>, greet = (_: Socket) => {}): Promise<T> {
  const server = createServer((socket) => greet(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await work(port);
  } finally {
    server.close();
  }
}

it("succeeds once the connection is open", async () => {
  const dialled = withServer((port) =>
    dialTcp({ kind: "tcpSocket", host: "127.0.0.1", port }, { clock: systemClock, timeoutMs: 5_000, signal }),
  );
  await expect(dialled).resolves.toBeUndefined();
});

it("succeeds where the connection is closed at once", async () => {
  const dialled = withServer(
    (port) => dialTcp({ kind: "tcpSocket", host: "127.0.0.1", port }, { clock: systemClock, timeoutMs: 5_000, signal }),
    (socket) => socket.destroy(),
  );
  await expect(dialled).resolves.toBeUndefined();
});

it("names the address of a refused connection", async () => {
  const port = await withServer(async (free) => free);
  const dialled = dialTcp(
    { kind: "tcpSocket", host: "127.0.0.1", port },
    { clock: systemClock, timeoutMs: 5_000, signal },
  );
  await expect(dialled).rejects.toMatchObject({ message: `dial tcp 127.0.0.1:${port}: connect: connection refused` });
});

it("ends at its timeout", async () => {
  const clock = new FakeClock();
  const dialled = dialTcp({ kind: "tcpSocket", host: "192.0.2.1", port: 80 }, { clock, timeoutMs: 1_000, signal });
  const expected = expect(dialled).rejects.toMatchObject({
    code: expect.stringMatching(/DEADLINE_EXCEEDED|UNAVAILABLE/),
  });
  await clock.step(1_000);
  await expected;
});
