import { createHash } from "node:crypto";

/** The channel of a namespace's hints. Names of channels are as short as those of schemas, so it is not one with more. */
export function channelOf(schema: string): string {
  return `workflow_${createHash("sha256").update(schema).digest("hex").slice(0, 16)}`;
}

/** What a World says that begins to listen, so that others begin to speak. */
export const HELLO = '["hello"]';
