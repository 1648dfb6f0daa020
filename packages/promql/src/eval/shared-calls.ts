import { MOST_LASTING } from '../label-list.ts';
import type { Call } from '../parse/ast.ts';
import type { Grid } from '../result.ts';
import type { EvalContext } from './context.ts';
import type { BlockRows } from './float-block.ts';
import { BlockBuilder } from './float-block.ts';
import type { SeriesStream } from './stream.ts';

/** Points kept of one call at most, 9 bytes each; of a larger one the samples are read again. */
const MOST_POINTS = 500_000;

/** Calls that a query holds several times (plan/shared.ts): their samples are read once, and the rows given again. */
export class SharedCalls {
  readonly #texts: ReadonlyMap<Call, string>;
  readonly #grid: Grid;
  readonly #kept = new Map<string, BlockRows>();

  constructor(texts: ReadonlyMap<Call, string>, grid: Grid) {
    this.#texts = texts;
    this.#grid = grid;
  }

  /** The call's stream, out of memory where the query holds the same call again. */
  async streamOf(
    { budget }: EvalContext,
    call: Call,
    { grid, stream }: { readonly grid: Grid; readonly stream: SeriesStream },
  ): Promise<SeriesStream> {
    const text = this.#texts.get(call);
    const { count } = stream.set;
    if (text === undefined || grid !== this.#grid) return stream;
    if (count > MOST_LASTING || count * grid.count > MOST_POINTS) return stream;
    let rows = this.#kept.get(text);
    if (rows === undefined) {
      const builder = new BlockBuilder(grid.count, count, budget);
      for (let i = 0; i < count; i++) {
        const any = stream.fill(i, builder.column);
        if (any === true || (any !== false && (await any))) builder.add(i);
        if (budget.spend(stream.effort + 2 * grid.count)) await budget.pause();
      }
      budget.hold(builder.rows * grid.count);
      rows = builder.finish();
      this.#kept.set(text, rows);
    }
    return replay(stream, rows);
  }
}

/** A stream of the same series whose rows are known; it must be read in order. */
function replay({ set, dropsName, inspect }: SeriesStream, rows: BlockRows): SeriesStream {
  const { items, values, present, steps } = rows;
  let row = 0;
  return {
    set,
    dropsName,
    effort: 0,
    inspect,
    fill: (index, column) => {
      if (items[row] !== index) return false;
      const base = row * steps;
      for (let k = 0; k < steps; k++) {
        column.values[k] = values[base + k];
        column.present[k] = present[base + k];
      }
      row++;
      inspect?.(index);
      return true;
    },
  };
}
