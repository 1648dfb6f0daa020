/** Money is whole cents inside and units with two decimals on the wire, so that no sum ever drifts. */
export function toUnits(cents: number): number {
  return Math.round(cents) / 100;
}
