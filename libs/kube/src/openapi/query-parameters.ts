export const query = (name: string, type: string) => ({ name, in: "query", schema: { type, uniqueItems: true } });

const streams = ["stdin", "stdout", "stderr", "tty"].map((name) => query(name, "boolean"));
const container = query("container", "string");

/** What the connecting subresources are asked with, by their names. */
export const subresourceParameters: Readonly<Record<string, readonly object[]>> = {
  attach: [container, ...streams],
  exec: [container, query("command", "string"), ...streams],
  log: [
    container,
    ...["follow", "previous", "timestamps"].map((name) => query(name, "boolean")),
    ...["sinceSeconds", "tailLines", "limitBytes"].map((name) => query(name, "integer")),
    query("sinceTime", "string"),
  ],
  portforward: [query("ports", "integer")],
  proxy: [query("path", "string")],
};
