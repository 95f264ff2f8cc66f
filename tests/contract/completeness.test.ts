import type { DescService } from "@bufbuild/protobuf";
import * as contracts from "@podbus/contracts";
import { expect, test } from "vitest";
import { suites } from "./suites/index.ts";

const services = Object.values<unknown>(contracts).filter(isService);

test("every service has a suite, and every suite a service", () => {
  expect(suites.map(({ service }) => service.typeName).sort()).toEqual(services.map(({ typeName }) => typeName).sort());
});

test("every method has an example, and every example a method", () => {
  const covered = suites.flatMap(({ service, examples }) =>
    Object.entries(examples).flatMap(([method, all]) => (all.length > 0 ? [`${service.typeName}.${method}`] : [])),
  );
  const methods = services.flatMap(({ typeName, methods: all }) =>
    all.map(({ localName }) => `${typeName}.${localName}`),
  );
  expect(covered.sort()).toEqual(methods.sort());
});

function isService(value: unknown): value is DescService {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "service";
}
