import { createHook } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** A run that owns its token before it creates the hook: what comes meanwhile is there when it does. */
export async function cart(customer: string): Promise<string[]> {
  "use workflow";
  const items = [await greet(customer)];
  const additions = createHook<string>({ token: `cart of ${customer}` });
  for await (const item of additions) {
    if (item.startsWith("checkout")) break;
    items.push(await reserve(item));
  }
  return items;
}

async function greet(customer: string): Promise<string> {
  "use step";
  return noted(() => `welcome, ${customer}`);
}

async function reserve(item: string): Promise<string> {
  "use step";
  return noted(() => `reserved ${item}`);
}

export const drive: Drive = async (driver) => {
  const add = (item: string): Promise<string> => driver.resumeOrStart("cart of ada", item, cart, ["ada"]);
  await driver.resumeEarly("cart of ada", "the voucher");
  const first = await add("lamp");
  await add("desk");
  await driver.resumeOnce("cart of ada", "checkout 1");
  await driver.end(first);
  // The token is free again, so this is another cart.
  const second = await add("chair");
  await add("checkout 2");
  await driver.end(second);
  await add("lamp");
};
