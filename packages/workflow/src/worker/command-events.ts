import type { Command } from "../replay/boundary.ts";
import type { WorkflowRun } from "../world/entities.ts";
import type { EventData, NewEvent } from "../world/events.ts";

/** What stands in a history for something that workflow code asked for. */
export function eventOf(
  command: Exclude<Command, { readonly type: "continue" }>,
  run: WorkflowRun,
  at: number,
): NewEvent {
  switch (command.type) {
    case "step": {
      const { name: stepName, settings, awaits } = command;
      const data = { stepName, ...settings, ...(awaits !== undefined && { awaits }) };
      return { type: "step_created", correlationId: command.id, data, payload: command.input, at };
    }
    case "wait":
      return { type: "wait_created", correlationId: command.id, data: { resumeAt: command.resumeAt }, at };
    case "closeWait":
      return { type: "wait_completed", correlationId: command.id, data: { closed: true }, at };
    case "hook": {
      const { token, isWebhook, isSystem, expiresAt, tokenRetentionUntil, webhook } = command;
      return {
        type: "hook_created",
        correlationId: command.id,
        data: {
          token,
          isWebhook,
          ...(isSystem !== undefined && { isSystem }),
          ...(expiresAt !== undefined && { expiresAt }),
          ...(tokenRetentionUntil !== undefined && { tokenRetentionUntil }),
          ...(webhook !== undefined && { webhook }),
        },
        ...(command.metadata !== undefined && { payload: command.metadata }),
        at,
      };
    }
    case "abort":
      return { type: "hook_received", correlationId: command.id, data: { own: true }, payload: command.reason, at };
    case "attributes": {
      const { changes, allowReservedAttributes } = command;
      const data = {
        changes,
        writer: { type: "workflow" } as const,
        ...(allowReservedAttributes !== undefined && { allowReservedAttributes }),
      };
      return { type: "attr_set", correlationId: command.id, data, at };
    }
    case "dispose":
      return { type: "hook_disposed", correlationId: command.id, data: {}, at };
    case "cancelled":
      return { type: "run_cancelled", data: { ...reasonOf(run), cleanedUp: true }, at };
    case "complete":
      return { type: "run_completed", data: {}, payload: command.output, at };
    case "fail":
      return { type: "run_failed", data: { errorCode: command.errorCode }, payload: command.error, at };
  }
}

/** Why a run is being cancelled. */
export function reasonOf({ cancelling }: WorkflowRun): EventData["run_cancelled"] {
  return cancelling?.reason === undefined ? {} : { cancelReason: cancelling.reason };
}
