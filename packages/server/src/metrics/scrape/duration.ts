const UNITS: readonly (readonly [suffix: string, ms: number, onlyWhole: boolean])[] = [
  ['y', 31_536_000_000, true],
  ['w', 604_800_000, true],
  ['d', 86_400_000, true],
  ['h', 3_600_000, false],
  ['m', 60_000, false],
  ['s', 1000, false],
  ['ms', 1, false],
];

/** Milliseconds as a Prometheus duration (`15s`, `1m30s`); years, weeks and days only when nothing is left over. */
export function durationText(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  let rest = Math.round(milliseconds);
  let text = '';
  for (const [suffix, unit, onlyWhole] of UNITS) {
    if (onlyWhole && rest % unit !== 0) continue;
    const count = Math.floor(rest / unit);
    if (count > 0) text += `${count}${suffix}`;
    rest -= count * unit;
  }
  return text;
}
