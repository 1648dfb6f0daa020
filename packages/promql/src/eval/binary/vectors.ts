import { executionError } from '../../errors.ts';
import type { Labels } from '../../labels.ts';
import { METRIC_NAME } from '../../labels.ts';
import type { Binary, VectorMatching } from '../../parse/ast.ts';
import { isComparison, isTrim } from '../../parse/ast.ts';
import type { EvalContext } from '../context.ts';
import { formatLabels, mergeEqualLabels } from '../names.ts';
import type { GeneralColumn, SampleValue, Series, VectorValue } from '../value.ts';
import { anyPresent, ColumnPool, plainColumn, sampleAt, storeSample, vectorOf } from '../value.ts';
import { operateSamples } from './histograms.ts';
import { joinBlocks } from './join.ts';
import type { FloatOperator } from './operators.ts';
import { floatOperator } from './operators.ts';
import { resultLabels } from './result-labels.ts';
import { keepsSample, resultOf } from './scalars.ts';
import { groupBySignature, signatureFunction } from './signature.ts';

const MANY_TO_ONE =
  'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';
const GROUPING_UNIQUE = 'multiple matches for labels: grouping labels must ensure unique matches';

/**
 * Arithmetic and comparison between two vectors. Series are matched once by signature; each pair of series is
 * then combined over all steps. Which series exist may differ from step to step, so "duplicate" and "multiple
 * match" are questions of a step, asked only in groups where they can arise.
 */
export async function combineVectors(
  context: EvalContext,
  node: Binary,
  left: VectorValue,
  right: VectorValue,
): Promise<VectorValue> {
  const joined = await joinBlocks(context, node, left, right);
  return joined ?? (await new VectorCombiner(context, node, left, right).run());
}

class VectorCombiner {
  readonly #context: EvalContext;
  readonly #node: Binary;
  readonly #matching: VectorMatching;
  readonly #operate: FloatOperator;
  readonly #comparison: boolean;
  /** The "many" side of a grouped match, else the left one. */
  readonly #many: VectorValue;
  readonly #one: VectorValue;
  readonly #swapped: boolean;
  readonly #fillMany: number | undefined;
  readonly #fillOne: number | undefined;
  readonly #pool: ColumnPool;
  readonly #steps: number;
  readonly #result: Series[] = [];
  readonly #labelsOf: ReturnType<typeof resultLabels>;
  #operateGeneral: ReturnType<typeof operateSamples> | undefined;

  constructor(context: EvalContext, node: Binary, left: VectorValue, right: VectorValue) {
    const { matching } = node;
    if (matching === undefined) throw new TypeError('vector operator without matching');
    this.#context = context;
    this.#node = node;
    this.#matching = matching;
    this.#labelsOf = resultLabels(node, matching, context.options.delayedNameRemoval === true);
    this.#operate = floatOperator(node.op, context.dialect);
    this.#comparison = isComparison(node.op);
    this.#swapped = matching.cardinality === 'one-to-many';
    this.#many = this.#swapped ? right : left;
    this.#one = this.#swapped ? left : right;
    // With group_right the reference applies fill_left to the "many" side too, although it stands on the right.
    this.#fillMany = matching.fillLeft;
    this.#fillOne = matching.fillRight;
    this.#steps = (left.series[0] ?? right.series[0])?.present.length ?? 0;
    this.#pool = new ColumnPool(this.#steps, this.#many.series.length);
  }

  async run(): Promise<VectorValue> {
    const signature = signatureFunction(this.#matching);
    const manyGroups = await groupBySignature(this.#context, this.#many.series, signature);
    const oneGroups = await groupBySignature(this.#context, this.#one.series, signature);
    for (const ones of oneGroups.values()) if (ones.length > 1) this.#requireOne(ones);
    for (const [key, many] of manyGroups) {
      await this.#combineGroup(many, oneGroups.get(key) ?? []);
    }
    if (this.#fillMany !== undefined) {
      for (const [key, ones] of oneGroups)
        this.#fillMissingMany(manyGroups.get(key) ?? [], ones, this.#fillMany);
    }
    const single = [...manyGroups.values(), ...oneGroups.values()].every((group) => group.length === 1);
    const pinned = this.#many.namesPinned && this.#one.namesPinned;
    const filled = this.#fillMany !== undefined || this.#fillOne !== undefined;
    return this.#finish(single && pinned && !filled && this.#matching.cardinality === 'one-to-one');
  }

  /**
   * Pairs of single series of pinned metrics have distinct labels already; anything else may have made two
   * results of one name, which must not meet at a step.
   */
  async #finish(distinct: boolean): Promise<VectorValue> {
    if (distinct) return vectorOf(this.#result, true);
    const { budget } = this.#context;
    const vector = vectorOf(this.#result, false);
    const grouped = this.#matching.cardinality !== 'one-to-one';
    const merged = await mergeEqualLabels(budget, vector, grouped ? GROUPING_UNIQUE : undefined);
    // A filter keeps names: those may differ, and a later operation may drop them.
    const nameless = !keepsSample(this.#node);
    return vectorOf(merged.series, nameless && this.#context.options.delayedNameRemoval !== true);
  }

  /** The "one" side may have one sample per signature and step, unless the other side is wholly empty there. */
  #requireOne(ones: readonly Series[]): void {
    for (let k = 0; k < this.#steps; k++) {
      const here = ones.filter((series) => series.present[k] === 1);
      const [first, second] = here;
      if (first === undefined || second === undefined) continue;
      const side = this.#swapped ? 'left' : 'right';
      const { dialect } = this.#context;
      if (dialect !== undefined) throw executionError(dialect.duplicateSeries(side));
      const otherEmpty = !this.#many.series.some((series) => series.present[k] === 1);
      if (otherEmpty && this.#fillMany === undefined) continue;
      throw executionError(
        `found duplicate series for the match group ${formatLabels(this.#matchLabels(first))} on the ${side} ` +
          `hand-side of the operation: [${formatLabels(first.labels)}, ${formatLabels(second.labels)}];` +
          'many-to-many matching not allowed: matching labels must be unique on one side',
      );
    }
  }

  #matchLabels(series: Series): Labels {
    const names = new Set(this.#matching.labels);
    if (this.#matching.on) return series.labels.keep(names);
    return series.labels.without(new Set([...names, METRIC_NAME]));
  }

  async #combineGroup(many: readonly Series[], ones: readonly Series[]): Promise<void> {
    const { budget } = this.#context;
    // One left series per step in a one-to-one match: needs watching only where the group has several.
    const taken =
      many.length > 1 && this.#matching.cardinality === 'one-to-one'
        ? new Uint8Array(this.#steps)
        : undefined;
    for (const series of many) {
      for (const other of ones) {
        this.#pair(series, other, taken);
        if (budget.spend(this.#steps)) await budget.pause();
      }
      if (this.#fillOne !== undefined) this.#fillMissingOne(series, ones, this.#fillOne, taken);
    }
  }

  #pair(many: Series, one: Series, taken: Uint8Array | undefined): void {
    if (this.#isGeneral(many, one)) return this.#pairGeneral(many, one, taken);
    const column = this.#pool.take();
    let any = false;
    for (let k = 0; k < this.#steps; k++) {
      if (many.present[k] === 0 || one.present[k] === 0) continue;
      // Claimed even where a filter then drops the sample: the match itself was ambiguous.
      claim(taken, k);
      if (this.#store(column, k, many.values[k], one.values[k])) any = true;
    }
    if (any) this.#result.push({ ...this.#named(many, one), ...column });
  }

  /** Anything but floats on both sides. */
  #isGeneral(many: Series, one: Series): boolean {
    return many.histograms !== undefined || one.histograms !== undefined || isTrim(this.#node.op);
  }

  #pairGeneral(many: Series, one: Series, taken: Uint8Array | undefined): void {
    const out = { ...this.#pool.take(), histograms: [] };
    let any = false;
    for (let k = 0; k < this.#steps; k++) {
      if (many.present[k] === 0 || one.present[k] === 0) continue;
      claim(taken, k);
      if (this.#storeGeneral(out, k, sampleAt(many, k), sampleAt(one, k))) any = true;
    }
    if (any) this.#result.push({ ...this.#named(many, one), ...plainColumn(out) });
  }

  #storeGeneral(out: GeneralColumn, k: number, many: SampleValue, one: SampleValue): boolean {
    const left = this.#swapped ? one : many;
    const right = this.#swapped ? many : one;
    this.#operateGeneral ??= operateSamples(this.#context, this.#node, this.#operate);
    return storeSample(out, k, resultOf(this.#node, this.#operateGeneral(left, right), left));
  }

  /** Combines one step; false when a filtering comparison does not hold. */
  #store(column: Pick<Series, 'values' | 'present'>, k: number, many: number, one: number): boolean {
    const left = this.#swapped ? one : many;
    const right = this.#swapped ? many : one;
    const computed = this.#operate(left, right);
    if (this.#comparison && !this.#node.returnBool) {
      if (computed === 0) return false;
      // A filter answers the left operand's value, wherever the "many" side stands.
      column.values[k] = left;
    } else {
      column.values[k] = computed;
    }
    column.present[k] = 1;
    return true;
  }

  #fillMissingOne(many: Series, ones: readonly Series[], fill: number, taken: Uint8Array | undefined): void {
    const out = { ...this.#pool.take(), histograms: [] };
    for (let k = 0; k < this.#steps; k++) {
      if (many.present[k] === 0 || ones.some((one) => one.present[k] === 1)) continue;
      claim(taken, k);
      this.#storeGeneral(out, k, sampleAt(many, k), fill);
    }
    if (!anyPresent(out.present)) return;
    const stand = { ...many, labels: this.#matchLabels(many) };
    this.#result.push({ ...this.#named(many, stand), ...plainColumn(out) });
  }

  #fillMissingMany(many: readonly Series[], ones: readonly Series[], fill: number): void {
    for (const one of ones) {
      const out = { ...this.#pool.take(), histograms: [] };
      for (let k = 0; k < this.#steps; k++) {
        if (one.present[k] === 0 || many.some((series) => series.present[k] === 1)) continue;
        this.#storeGeneral(out, k, fill, sampleAt(one, k));
      }
      if (!anyPresent(out.present)) continue;
      const stand = { ...one, labels: this.#matchLabels(one) };
      this.#result.push({ ...this.#named(stand, one), ...plainColumn(out) });
    }
  }

  #named(many: Series, one: Series): Pick<Series, 'labels' | 'dropName'> {
    const drops = !keepsSample(this.#node);
    const delayed = this.#context.options.delayedNameRemoval === true;
    const labels = this.#labelsOf(many.labels, one.labels);
    return { labels, dropName: drops && delayed ? true : many.dropName };
  }
}

function claim(taken: Uint8Array | undefined, step: number): void {
  if (taken === undefined) return;
  if (taken[step] === 1) throw executionError(MANY_TO_ONE);
  taken[step] = 1;
}
