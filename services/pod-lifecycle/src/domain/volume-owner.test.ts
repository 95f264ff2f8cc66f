import { expect, test } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { volumeOwner } from "./volume-owner.ts";

const fsGroup = { securityContext: { fsGroup: 2_000 } };
const own = { hostId: 65_536 };

test.each([
  ["the host's root", {}, undefined, { rootId: 0, groupId: undefined }],
  ["the pod's fsGroup", fsGroup, undefined, { rootId: 0, groupId: 2_000 }],
  ["fsGroup 0", { securityContext: { fsGroup: 0 } }, undefined, { rootId: 0, groupId: 0 }],
  ["own users: their root, and its group", { hostUsers: false }, own, { rootId: 65_536, groupId: 65_536 }],
  ["own users: the fsGroup among them", { ...fsGroup, hostUsers: false }, own, { rootId: 65_536, groupId: 67_536 }],
])("%s", (_, spec, users, owner) => expect(volumeOwner(pod(spec), users)).toEqual(owner));
