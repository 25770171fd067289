// What a World is tested with: the kit, its clock, the model World, and faults.
export { createTestClock, type TestClock } from "./clock.ts";
export { withFaults, type FaultPoint, type FaultyWrite } from "./faults.ts";
export { describeWorld } from "./kit/describe-world.ts";
export type { OpenWorld } from "./kit/scene.ts";
export { createMemoryWorld } from "./memory/world.ts";
export { describeAgainstModel } from "./model/describe-against-model.ts";
