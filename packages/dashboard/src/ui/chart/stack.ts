/** Adds each row to those below it. A gap counts as nothing, except where all rows up to there have one. */
export function stackRows(rows: readonly (readonly (number | null)[])[]): (number | null)[][] {
  const sums: (number | null)[] = [];
  return rows.map((row) =>
    row.map((value, index) => {
      const below = sums[index] ?? null;
      const sum = value === null ? below : (below ?? 0) + value;
      sums[index] = sum;
      return sum;
    }),
  );
}
