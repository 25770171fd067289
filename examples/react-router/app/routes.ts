import { index, prefix, route, type RouteConfig } from "@react-router/dev/routes";

export default [
  index("routes/home.tsx"),
  ...prefix("api/orders", [
    route("", "routes/orders.ts"),
    route(":runId", "routes/status.ts"),
    route(":runId/approval", "routes/approval.ts"),
    route(":runId/stream", "routes/stream.ts"),
  ]),
] satisfies RouteConfig;
