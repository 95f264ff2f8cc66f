import type { User } from "../user.ts";

/**
 * Kubernetes' file of static tokens: token,user,uid,"group,group" a line (apiserver/pkg/authentication/token/tokenfile).
 * Throws for a line that says too little; the message names the line and nothing of it.
 */
export function parseTokenFile(text: string): ReadonlyMap<string, User> {
  const users = new Map<string, User>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const [token = "", name = "", uid = "", groups = ""] = cellsOf(line);
    if (token === "" || name === "") throw new Error(`line ${index + 1}: token,user,uid and groups are wanted`);
    const names = groups.split(",").filter((group) => group !== "");
    users.set(token, { name, uid, groups: names });
  }
  return users;
}

/** Cells between commas; one in quotes may hold commas. */
function cellsOf(line: string): string[] {
  const cells = line.match(/("([^"]*)"|[^,]*)(,|$)/g) ?? [];
  return cells.map((cell) =>
    cell
      .replace(/,$/, "")
      .trim()
      .replace(/^"(.*)"$/, "$1"),
  );
}
