import { execFile } from "node:child_process";
import { promisify } from "node:util";

export type GitState =
  /** No repository around the folder, or no git. */
  | { readonly status: "none" }
  | { readonly status: "clean" }
  /** Something in the folder is not committed. */
  | { readonly status: "dirty" };

export async function gitState(folder: string): Promise<GitState> {
  try {
    const { stdout } = await promisify(execFile)("git", ["status", "--porcelain", "--", "."], { cwd: folder });
    return { status: stdout.trim() === "" ? "clean" : "dirty" };
  } catch {
    return { status: "none" };
  }
}
