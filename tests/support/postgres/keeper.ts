import { spawn } from "node:child_process";
import { once } from "node:events";

/** Ends a server and removes its folder when this process is gone, however it went. */
export interface Keeper {
  /** The server that runs now, if one does. */
  watch(pid: number | undefined): void;
  /** What would happen if this process died now. */
  clearAway(): Promise<void>;
}

/**
 * Its input ends when the process that has the other end does. It looks at the server's file and not for its process,
 * because in some containers nobody reaps orphans.
 */
const SCRIPT = `
server=
while read -r line; do server=$line; done
if [ -n "$server" ] && kill -QUIT "$server"; then
  rounds=0
  while [ -e "$1/data/postmaster.pid" ] && [ $rounds -lt 100 ]; do sleep 0.1; rounds=$((rounds + 1)); done
fi
rm -rf "$1"
`;

export function startKeeper(folder: string): Keeper {
  // Not of our process group: what Ctrl+C ends is this process, and the keeper comes after it.
  const options = { cwd: "/", detached: true };
  const args = ["-c", SCRIPT, "keeper", folder];
  const shell = spawn("/bin/sh", args, { ...options, stdio: ["pipe", "ignore", "ignore"] });
  const closed = once(shell, "close");
  shell.stdin.on("error", () => undefined);
  return {
    watch: (pid) => void shell.stdin.write(`${pid ?? ""}\n`),
    async clearAway() {
      shell.stdin.end();
      await closed;
    },
  };
}
