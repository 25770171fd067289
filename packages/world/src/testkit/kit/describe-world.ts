import { describe } from "vitest";
import { describeClosing } from "./closing.ts";
import { describeConcurrency } from "./concurrency.ts";
import { describeContents } from "./contents.ts";
import { describeHandover } from "./handover.ts";
import { describeHints } from "./hints.ts";
import { describeInbox } from "./inbox.ts";
import { describeLeases } from "./leases.ts";
import { describeLookalikes } from "./lookalikes.ts";
import { describeOneWriter } from "./one-writer.ts";
import { describePaging } from "./pages.ts";
import { describeParts } from "./parts.ts";
import { describeReads } from "./reads.ts";
import { describeResume } from "./resume.ts";
import { checksOn, type OpenWorld } from "./scene.ts";
import { describeTokens } from "./tokens.ts";
import { describeTurns } from "./turns.ts";
import { describeWaiting } from "./waiting.ts";

/**
 * Registers the vitest suite that every World passes. Each test opens a World of its own with `open` and closes it.
 */
export function describeWorld(name: string, open: OpenWorld): void {
  describe(`${name} World`, () => {
    const check = checksOn(open);
    describeOneWriter(check);
    describeInbox(check);
    describeTurns(check);
    describeResume(check);
    describeTokens(check);
    describeLookalikes(check);
    describeLeases(check);
    describeHandover(check);
    describeReads(check);
    describePaging(check);
    describeParts(check);
    describeWaiting(check);
    describeContents(check);
    describeHints(check);
    describeClosing(check);
    describeConcurrency(open);
  });
}
