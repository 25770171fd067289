import { WorkflowError } from "../../world/errors.ts";

/** The environment variable that has the secret of whoever may have this process work. */
export const WAKE_SECRET = "WORKFLOW_WAKE_SECRET";

/** What Standard Webhooks asks for, in bytes. */
const LEAST_BYTES = 24;

/** @throws `WorkflowError` `INVALID_ARGUMENT`, without the secret in its message. */
export function requireUsable(secret: string): void {
  const [, base64] = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  if (base64 !== undefined && Buffer.from(base64, "base64").byteLength >= LEAST_BYTES) return;
  const wrong = base64 === undefined ? 'is not base64 with "whsec_" in front' : "is too short to be safe";
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `The environment variable ${WAKE_SECRET} ${wrong}; it needs ${LEAST_BYTES} random bytes or more. This makes one: ` +
      'echo "whsec_$(openssl rand -base64 32)"',
  );
}
