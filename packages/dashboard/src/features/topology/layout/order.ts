/** A layered graph: cells by layer, links only between neighbouring layers. */
export interface Layers {
  /** Cells of each layer from top to bottom. */
  readonly layers: readonly (readonly string[])[];
  /** Cells that a cell is linked with in the layer before, and in the one after. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  readonly after: ReadonlyMap<string, readonly string[]>;
}

const SWEEPS = 12;

/** How often links between two layers cross (counted with a binary indexed tree). */
function crossings(upper: readonly string[], lower: readonly string[], after: Layers['after']): number {
  const place = new Map(lower.map((cell, index) => [cell, index]));
  const tree = new Int32Array(lower.length + 1);
  let seen = 0;
  let count = 0;
  for (const cell of upper) {
    const ends = (after.get(cell) ?? []).flatMap((end) => place.get(end) ?? []);
    for (const end of ends) {
      let notAbove = 0;
      for (let at = end + 1; at > 0; at -= at & -at) notAbove += tree[at] ?? 0;
      count += seen - notAbove;
    }
    for (const end of ends) for (let at = end + 1; at <= lower.length; at += at & -at) tree[at]++;
    seen += ends.length;
  }
  return count;
}

export function allCrossings({ layers, after }: Layers): number {
  return layers.slice(1).reduce((sum, layer, index) => sum + crossings(layers[index] ?? [], layer, after), 0);
}

/** A layer by the mean place of each cell's neighbours in the layer beside it; who has none keeps its place. */
function byNeighbours(
  layer: readonly string[],
  beside: readonly string[],
  neighbours: Layers['before'],
): readonly string[] {
  const place = new Map(beside.map((cell, index) => [cell, (index + 0.5) / beside.length]));
  const mean = layer.map((cell, index) => {
    const places = (neighbours.get(cell) ?? []).flatMap((other) => place.get(other) ?? []);
    const own = (index + 0.5) / layer.length;
    return { cell, at: places.length === 0 ? own : places.reduce((sum, at) => sum + at, 0) / places.length };
  });
  // The sort is stable: equal means keep the order of before.
  return mean.toSorted((a, b) => a.at - b.at).map(({ cell }) => cell);
}

/**
 * The layers with few crossings: the barycentre method of Sugiyama, Tagawa and Toda (1981), sweeping right and left, the best of all sweeps.
 * The same graph gives the same order.
 */
export function ordered(graph: Layers): Layers['layers'] {
  let layers = graph.layers;
  let best = layers;
  let fewest = allCrossings(graph);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const next = layers.map((layer) => layer);
    if (sweep % 2 === 0)
      for (let at = 1; at < next.length; at++)
        next[at] = byNeighbours(next[at] ?? [], next[at - 1] ?? [], graph.before);
    else
      for (let at = next.length - 2; at >= 0; at--)
        next[at] = byNeighbours(next[at] ?? [], next[at + 1] ?? [], graph.after);
    layers = next;
    const count = allCrossings({ ...graph, layers });
    if (count < fewest) {
      best = layers;
      fewest = count;
    }
  }
  return best;
}
