import { describe } from "vitest";
import { describeAnswers } from "./answers.ts";
import { describeAttributes } from "./attributes.ts";
import { describeAwaited } from "./awaited.ts";
import { describeClaims } from "./claims.ts";
import { describeClosing } from "./closing.ts";
import { describeConcurrency } from "./concurrency.ts";
import { describeContents } from "./contents.ts";
import { describeContinuation } from "./continuation.ts";
import { describeExpiry } from "./expiry.ts";
import { describeFirstPayloads } from "./first-payloads.ts";
import { describeHandover } from "./handover.ts";
import { describeHeld } from "./held.ts";
import { describeHeldLimits } from "./held-limits.ts";
import { describeHints } from "./hints.ts";
import { describeInbox } from "./inbox.ts";
import { describeKeyedStarts } from "./keyed-starts.ts";
import { describeKeys } from "./keys.ts";
import { describeLeases } from "./leases.ts";
import { describeLookalikes } from "./lookalikes.ts";
import { describeOffers } from "./offers.ts";
import { describeOneWriter } from "./one-writer.ts";
import { describeOrders } from "./orders.ts";
import { describePaging } from "./pages.ts";
import { describeParts } from "./parts.ts";
import { describeReads } from "./reads.ts";
import { describeResume } from "./resume.ts";
import { describeRetention } from "./retention.ts";
import { checksOn, type OpenWorld } from "./scene.ts";
import { describeStreamEnds } from "./stream-ends.ts";
import { describeStreams } from "./streams.ts";
import { describeTokens } from "./tokens.ts";
import { describeTransactions } from "./transactions.ts";
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
    describeKeys(check);
    describeHeld(check);
    describeHeldLimits(check);
    describeTokens(check);
    describeClaims(check);
    describeExpiry(check);
    describeAwaited(check);
    describeContinuation(check);
    describeOrders(check);
    describeLookalikes(check);
    describeLeases(check);
    describeHandover(check);
    describeOffers(check);
    describeReads(check);
    describeAttributes(check);
    describeRetention(check);
    describePaging(check);
    describeParts(check);
    describeWaiting(check);
    describeKeyedStarts(check);
    describeAnswers(check);
    describeStreams(check);
    describeStreamEnds(check);
    describeFirstPayloads(check);
    describeContents(check);
    describeHints(check);
    describeClosing(check);
    describeTransactions(check);
    describeConcurrency(open);
  });
}
