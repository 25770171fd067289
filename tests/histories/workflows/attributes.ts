import { setAttributes } from "workflow";

/** Attributes from workflow code, from a step that is waited for, and from the last statement. */
export async function labels(customer: string): Promise<void> {
  "use workflow";
  await setAttributes({ customer, stage: "begun", $internal: "x" }, { allowReservedAttributes: true });
  await charge();
  void setAttributes({ stage: "done", $internal: undefined }, { allowReservedAttributes: true });
}

async function charge(): Promise<void> {
  "use step";
  await setAttributes({ charged: "yes" });
}
