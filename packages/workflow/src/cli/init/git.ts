import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { DEFAULT_DIRECTORY } from "../../local/settings.ts";

export type GitState =
  /** No repository around the folder, or no git. */
  | { readonly status: "none" }
  | {
      /** Dirty: something in the folder is not committed. */
      readonly status: "clean" | "dirty";
      /** Whether the data of runs stays out of the repository already. */
      readonly ignoresData: boolean;
    };

export async function gitState(folder: string): Promise<GitState> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    try {
      return (await promisify(execFile)("git", args, { cwd: folder })).stdout;
    } catch {
      return undefined;
    }
  };
  const changed = await git("status", "--porcelain", "--", ".");
  if (changed === undefined) return { status: "none" };
  const ignored = await git("check-ignore", "--no-index", `${DEFAULT_DIRECTORY}/`);
  return { status: changed.trim() === "" ? "clean" : "dirty", ignoresData: ignored !== undefined };
}
