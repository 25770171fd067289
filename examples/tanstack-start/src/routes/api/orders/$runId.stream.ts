import { createFileRoute } from "@tanstack/react-router";
import { getRun } from "workflow/api";
import { streamResponse } from "workflow/http";

export const Route = createFileRoute("/api/orders/$runId/stream")({
  server: {
    handlers: {
      GET: ({ params, request }) => streamResponse(getRun(params.runId), request),
    },
  },
});
