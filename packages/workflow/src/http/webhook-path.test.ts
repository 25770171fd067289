import { expect, test } from "vitest";
import { isWebhookPath, tokenOfPath } from "./webhook-path.ts";

const ROOT = "/.well-known/workflow/v1/webhook/";

test.each([
  [`${ROOT}abc`, "abc"],
  [`/shop/eu${ROOT}abc`, "abc"],
  [`${ROOT}${encodeURIComponent("a/b c?d=1&é%")}`, "a/b c?d=1&é%"],
  [`${ROOT}a:b@c+d`, "a:b@c+d"],
  [`${ROOT}x${ROOT}y`, "y"],
])("the token of %s is %j", (path, token) => {
  expect(tokenOfPath(path)).toBe(token);
  expect(isWebhookPath(path)).toBe(true);
});

test.each([ROOT, `${ROOT}a/b`, `${ROOT}a/`, `${ROOT}%`, `${ROOT}%zz`, `${ROOT}%ff`])("%s has no token", (path) => {
  expect(tokenOfPath(path)).toBeUndefined();
  expect(isWebhookPath(path)).toBe(true);
});

test.each(["/", "/.well-known/workflow/v1/flow", "/.well-known/workflow/v1/webhook", `/orders?next=${ROOT}abc`])(
  "%s is for others",
  (path) => expect(isWebhookPath(path)).toBe(false),
);
