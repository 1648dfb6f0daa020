import type { Layers } from './order.ts';

const ROUNDS = 8;

/**
 * Positions in a given order that lie as near as possible to the wanted ones (least squares) with their distances kept: isotonic
 * regression by pooling what is too near.
 */
export function spread(wanted: readonly number[], sizes: readonly number[], gap: number): number[] {
  // Relative to a dense packing, what must be kept apart must only not decrease.
  const offsets: number[] = [];
  let offset = 0;
  sizes.forEach((size, index) => {
    if (index > 0) offset += ((sizes[index - 1] ?? 0) + size) / 2 + gap;
    offsets.push(offset);
  });
  const pools: { sum: number; count: number }[] = [];
  wanted.forEach((want, index) => {
    let pool = { sum: want - (offsets[index] ?? 0), count: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.count > pool.sum / pool.count;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
    }
    pools.push(pool);
  });
  const places: number[] = [];
  for (const { sum, count } of pools)
    for (let n = 0; n < count; n++) places.push(sum / count + (offsets[places.length] ?? 0));
  return places;
}

/** The middle of each cell from the top: near its neighbours, in the order of its layer, none upon another. */
export function placed(
  { layers, before, after }: Layers,
  sizeOf: (cell: string) => number,
  gap: number,
): ReadonlyMap<string, number> {
  const middle = new Map<string, number>();
  const set = (layer: readonly string[], wanted: readonly number[]): void => {
    spread(wanted, layer.map(sizeOf), gap).forEach((at, index) => middle.set(layer[index] ?? '', at));
  };
  for (const layer of layers)
    set(
      layer,
      layer.map(() => 0),
    );
  const pull = (layer: readonly string[], neighbours: Layers['before']): void => {
    const wanted = layer.map((cell) => {
      const places = (neighbours.get(cell) ?? []).flatMap((other) => middle.get(other) ?? []);
      return places.length === 0
        ? (middle.get(cell) ?? 0)
        : places.reduce((sum, at) => sum + at, 0) / places.length;
    });
    set(layer, wanted);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const layer of layers.slice(1)) pull(layer, before);
    for (const layer of layers.slice(0, -1).toReversed()) pull(layer, after);
  }
  const top = Math.min(...[...middle].map(([cell, at]) => at - sizeOf(cell) / 2));
  return new Map([...middle].map(([cell, at]) => [cell, at - top]));
}
