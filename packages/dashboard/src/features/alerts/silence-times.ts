/** How long a silence may last, by one press. */
export const PRESETS: readonly { readonly name: string; readonly ms: number }[] = [
  { name: '30m', ms: 1_800_000 },
  { name: '1h', ms: 3_600_000 },
  { name: '2h', ms: 7_200_000 },
  { name: '8h', ms: 28_800_000 },
  { name: '1d', ms: 86_400_000 },
  { name: '1w', ms: 604_800_000 },
];
