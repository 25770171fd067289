import { type ArgumentsHost, Catch, NotFoundException } from "@nestjs/common";
import { BaseExceptionFilter } from "@nestjs/core";
import { HookNotFoundError, WorkflowRunNotFoundError } from "workflow/errors";

/** No such run, or none that waits for an approval. */
@Catch(WorkflowRunNotFoundError, HookNotFoundError)
export class NotFoundFilter extends BaseExceptionFilter<Error> {
  override catch({ message }: Error, host: ArgumentsHost): void {
    super.catch(new NotFoundException({ error: message }), host);
  }
}
