import { readFileSync } from "node:fs";

/** Whom a process runs as; nothing: whoever starts it. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>;

const CANDIDATES = ["postgres", "nobody"];

/** PostgreSQL refuses to run as root, and initdb to run as someone who has no name. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const [account] = CANDIDATES.flatMap((name) => accounts.filter((fields) => fields[0] === name));
  if (account === undefined) {
    throw new Error(`PostgreSQL does not run as root, and there is no user ${CANDIDATES.join(" or ")}: add one`);
  }
  return { uid: Number(account[2]), gid: Number(account[3]) };
}
