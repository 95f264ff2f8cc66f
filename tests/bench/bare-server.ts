import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";

/**
 * The least that a server in Node must do for what the benchmark asks of the gateway: GET /list makes a list's JSON and sends it
 * over TLS, GET /watch stays open, POST /send hands its body to every watch. Nothing is stored, checked or authorized.
 * bare-server.ts CERTIFICATE KEY OBJECT_JSON COUNT; prints its port.
 */
const [certFile = "", keyFile = "", objectFile = "", count = "0"] = process.argv.slice(2);
const object: unknown = JSON.parse(readFileSync(objectFile, "utf8"));
const items = Array.from({ length: Number(count) }, () => structuredClone(object));
const watches = new Set<ServerResponse>();

const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
  if (request.url === "/watch") {
    response.writeHead(200).flushHeaders();
    watches.add(response);
    response.on("close", () => watches.delete(response));
  } else if (request.url === "/send") {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const line = `${JSON.stringify(value)}\n`;
      for (const watch of watches) watch.write(line);
      response.end("{}");
    });
  } else {
    const body = Buffer.from(JSON.stringify({ kind: "PodList", items }));
    response.writeHead(200, { "content-length": body.length }).end(body);
  }
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
});
