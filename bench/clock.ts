/** Milliseconds of a clock that all processes of the machine share, so that what two of them saw can be subtracted. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
