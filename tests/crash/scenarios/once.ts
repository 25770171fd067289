import { StepOutcomeUnknownError } from "workflow/errors";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Steps that may run at most once: one alone, one that throws, two beside each other and beside one that may run again. */
export async function payments(): Promise<string[]> {
  "use workflow";
  const answers = [await prepare(), await settled(pay("alone")), await settled(refuse())];
  const beside = await Promise.all([settled(pay("left")), settled(pay("right")), prepare()]);
  return [...answers, ...beside];
}

/** What comes of a payment is the same whether it is known or not: a crash may make any of them unknown. */
async function settled(payment: Promise<string>): Promise<string> {
  try {
    await payment;
  } catch (error) {
    if (!StepOutcomeUnknownError.is(error) && String(error) !== "Error: refused") throw error;
  }
  return "settled";
}

async function prepare(): Promise<string> {
  "use step";
  return noted(() => "prepared");
}

async function pay(where: string): Promise<string> {
  "use step";
  return noted(() => `paid ${where}`);
}
pay.idempotent = false;

async function refuse(): Promise<string> {
  "use step";
  return noted(() => {
    throw new Error("refused");
  });
}
refuse.idempotent = false;

export const drive: Drive = async (driver) => {
  await driver.end(await driver.start(payments, []));
};
