/** Values of one chart as they are drawn: turned below zero, stacked on each other, or as shares of their sum. Gaps stay gaps. */
export interface Stackable {
  readonly values: Float64Array;
  readonly stack: 'none' | 'normal' | 'percent';
  readonly negative: boolean;
}

export function drawn(rows: readonly Stackable[], length: number): (number | null)[][] {
  const totals = new Float64Array(length);
  for (const { values, stack } of rows)
    if (stack === 'percent')
      for (let at = 0; at < length; at++) totals[at] = (totals[at] ?? 0) + Math.abs(values[at] || 0);
  const above = new Float64Array(length);
  const below = new Float64Array(length);
  return rows.map(({ values, stack, negative }) =>
    Array.from({ length }, (_, at) => {
      const value = values[at];
      if (value === undefined || !Number.isFinite(value)) return null;
      const signed = negative ? -value : value;
      if (stack === 'none') return signed;
      const share = stack === 'percent' ? (signed / (totals[at] || 1)) * 100 : signed;
      const sums = share < 0 ? below : above;
      sums[at] = (sums[at] ?? 0) + share;
      return sums[at] ?? null;
    }),
  );
}
