import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesImage, parseLocation } from "./match-image.ts";

function matches(pattern: string, image: string): boolean {
  const [one, other] = [parseLocation(pattern), parseLocation(image)];
  return one !== undefined && other !== undefined && matchesImage(one, other);
}

describe("a place matches an image", () => {
  it.each([
    ["a label for each star: not the domain itself", "*.kubernetes.io", "kubernetes.io", false],
    ["a label for each star", "*.kubernetes.io", "abc.kubernetes.io", true],
    ["two stars want two labels", "*.*.kubernetes.io", "abc.kubernetes.io", false],
    ["and match two", "*.*.kubernetes.io", "abc.def.kubernetes.io", true],
    ["a star in the middle", "prefix.*.io", "prefix.kubernetes.io", true],
    ["a star in a label", "*-good.kubernetes.io", "prefix-good.kubernetes.io", true],
    ["the path itself", "my-registry.io/images", "my-registry.io/images", true],
    ["what is below it", "my-registry.io/images", "my-registry.io/images/my-image", true],
    ["another below it", "my-registry.io/images", "my-registry.io/images/another-image", true],
    ["a subdomain's", "*.my-registry.io/images", "sub.my-registry.io/images/my-image", true],
    ["not a deeper subdomain's", "*.my-registry.io/images", "a.sub.my-registry.io/images/my-image", false],
    ["nor one deeper still", "*.my-registry.io/images", "a.b.sub.my-registry.io/images/my-image", false],
    ["a path below another", "my-registry.io/images/subpath", "my-registry.io/images/subpath/my-image", true],
    ["not another path", "my-registry.io/images", "my-registry.io/other/my-image", false],
    ["the port is part of the name", "my-registry.io:5000", "my-registry.io:5000/app", true],
    ["no port is not any port", "my-registry.io", "my-registry.io:5000/app", false],
    ["nor is one another", "my-registry.io:443", "my-registry.io:5000/app", false],
    ["a star is no port", "my-registry.io:*", "my-registry.io:5000/app", false],
    ["a scheme does not count", "https://my-registry.io", "my-registry.io/app", true],
    ["one character", "r?.io", "r1.io/app", true],
    ["a class of characters", "r[0-9].io", "r7.io/app", true],
    ["not out of a class", "r[^0-9].io", "r7.io/app", false],
    ["a star stays in its label", "*", "my-registry.io/app", false],
    ["a dot is a dot", "my.registry.io", "myxregistry.io", false],
    ["an address in brackets has a port", "[fd00::1]:5000", "[fd00::1]:5000/app", true],
    ["and one without is another place", "[fd00::1]:5000", "[fd00::1]/app", false],
    ["a malformed class matches nothing", "r[.io", "r[.io/app", false],
  ])("%s: %s, %s", (_sentence, pattern, image, expected) => {
    expect(matches(pattern, image)).toBe(expected);
  });

  it("never throws, and every place without special characters matches itself and what is below it", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (pattern, image) => typeof matches(pattern, image) === "boolean"));
    const host = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/);
    fc.assert(fc.property(host, (name) => matches(name, name) && matches(name, `${name}/team/app`)));
  });
});
