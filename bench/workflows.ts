import { createHook } from "workflow";

/** When the body of `afterResume` last ran, in milliseconds of `performance.now()`. */
export const lastResume = { at: Number.NaN };

export async function sequence(steps: number): Promise<void> {
  "use workflow";
  for (let step = 0; step < steps; step += 1) await nothing();
}

export async function waitThenStep(token: string): Promise<void> {
  "use workflow";
  await createHook({ token });
  await afterResume();
}

async function nothing(): Promise<void> {
  "use step";
}

async function afterResume(): Promise<void> {
  "use step";
  lastResume.at = performance.now();
}
