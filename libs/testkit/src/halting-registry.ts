import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HaltingRegistry extends AsyncDisposable {
  readonly host: string;
  /** Sends the second halves of large blobs, those asked for already and all later ones. */
  resume(): void;
}

const largeBytes = 1_000_000;

/** A registry in front of another one that stops in the middle of every large blob until it is told to go on. */
export async function startHaltingRegistry(registryUrl: string): Promise<HaltingRegistry> {
  const { promise: resumed, resolve: resume } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    forward(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const forward = async (
    { method = "GET", url = "/", headers: { accept = "*/*" } }: IncomingMessage,
    response: ServerResponse,
  ) => {
    const answer = await fetch(registryUrl + url, { method, headers: { accept } });
    const body = Buffer.from(await answer.arrayBuffer());
    const headers = [...answer.headers].filter(([name]) => /^(content-|docker-)/.test(name));
    response.writeHead(answer.status, Object.fromEntries(headers));
    if (!url.includes("/blobs/") || body.length < largeBytes) return response.end(body);
    response.write(body.subarray(0, body.length / 2));
    await resumed;
    return response.end(body.subarray(body.length / 2));
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    resume,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
