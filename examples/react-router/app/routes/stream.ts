import { getRun } from "workflow/api";
import { streamResponse } from "workflow/http";
import type { Route } from "./+types/stream";

export function loader({ params, request }: Route.LoaderArgs): Promise<Response> {
  return streamResponse(getRun(params.runId), request);
}
