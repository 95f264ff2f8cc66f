import { expect, it } from "vitest";
import { redactQueries } from "./redact-queries.ts";

const table: [string, string, string][] = [
  [
    "a storage's pass",
    'Get "https://bucket.example/layer?X-Amz-Signature=s3cret&X-Amz-Date=1": EOF',
    'Get "https://bucket.example/layer?X-Amz-Signature=[REDACTED]&X-Amz-Date=[REDACTED]": EOF',
  ],
  [
    "an address without quotes",
    "GET request to http://a.example/token?scope=a%3Ab&service=s: 500 Internal Server Error",
    "GET request to http://a.example/token?scope=[REDACTED]&service=[REDACTED]: 500 Internal Server Error",
  ],
  ["an address without a query", 'Head "https://r.example/v2/a/manifests/1": EOF', ""],
  [
    "several addresses",
    'Get "http://a.example/?t=1": Get "http://b.example/?t=2"',
    'Get "http://a.example/?t=[REDACTED]": Get "http://b.example/?t=[REDACTED]"',
  ],
  ["a question", "why? because a=b", ""],
];
it.each(table)("%s", (_sentence, text, redacted) => {
  expect(redactQueries(text)).toBe(redacted || text);
});
