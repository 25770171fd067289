import { defineHandler } from "nitro";
import { getRouterParam } from "nitro/h3";
import { getRun } from "workflow/api";
import { streamResponse } from "workflow/http";

export default defineHandler((event) => streamResponse(getRun(getRouterParam(event, "runId") ?? ""), event.req));
