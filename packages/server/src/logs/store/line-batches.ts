import {
  compileLineTest,
  type LabelFilter,
  type LogBatch,
  type LogSelectRequest,
  storedLabels,
} from '@pharos/logql';
import type { Labels } from '@pharos/promql';
import type { StoredRow } from './engine-pages.ts';
import { LEVEL_LABEL } from './label-conditions.ts';
import type { MemoryLine } from './memory-search.ts';
import { metadataLabels } from './metadata-labels.ts';

/** Where only lines that pass count: what decides about those in memory, and about those of which the engine could not be sure. */
export interface LineTests {
  readonly recent: LineTest | undefined;
  readonly stored: LineTest | undefined;
}

type LineTest = (line: string, stream: Labels, metadata: Labels) => boolean;

/** The filters as one test; what a storage is asked for is on text alone. */
export function filterOf(
  lineFilters: LogSelectRequest['hints']['lineFilters'],
  labelFilters: readonly LabelFilter[],
): LineTest {
  const tests = lineFilters.map(compileLineTest);
  return (line, stream, metadata) =>
    tests.every((test) => test(line)) &&
    (labelFilters.length === 0 || holdsAll(labelFilters, storedLabels(stream, metadata)));
}

function holdsAll(filters: readonly LabelFilter[], labels: Labels): boolean {
  return filters.every((filter) => holds(filter, labels));
}

function holds(filter: LabelFilter, labels: Labels): boolean {
  if (filter.kind === 'and') return holds(filter.left, labels) && holds(filter.right, labels);
  if (filter.kind === 'or') return holds(filter.left, labels) || holds(filter.right, labels);
  // Only text is asked for; a filter of another kind is the evaluator's.
  return filter.kind !== 'string' || filter.matcher.matches(labels.get(filter.matcher.name));
}

/** Sets of metadata kept for the lines to come. */
const MOST_SETS = 2000;

/** Makes batches, one per stream, of rows in order; a line that was there at the same time is left out. */
export class BatchBuilder {
  readonly #streams: ReadonlyMap<bigint, Labels>;
  readonly #passes: LineTests;
  readonly #sets = new Map<string, Labels>();
  /** The last line, and all of its time where there are several. */
  #last: { readonly time: bigint; readonly stream: bigint; readonly id: bigint } | undefined;
  #seen: Set<string> | undefined;

  constructor(streams: ReadonlyMap<bigint, Labels>, passes: LineTests) {
    this.#streams = streams;
    this.#passes = passes;
  }

  batches(rows: readonly (StoredRow | MemoryLine)[], upTo: bigint | undefined): LogBatch[] {
    const parts = new Map<bigint, Part>();
    for (const row of rows) this.#add(parts, row);
    const batches = [...parts.values()].map(
      (part): LogBatch => ({
        stream: part.stream,
        timestamps: BigInt64Array.from(part.times),
        lines: part.lines,
        metadata: part.metadata,
        sizes: Uint32Array.from(part.sizes),
      }),
    );
    const last = batches.pop();
    if (last !== undefined) batches.push(upTo === undefined ? last : { ...last, horizon: upTo });
    return batches;
  }

  #add(parts: Map<bigint, Part>, row: StoredRow | MemoryLine): void {
    const { time, stream: id, id: hash } = 'place' in row ? row.place : row;
    const stream = this.#streams.get(id);
    if (stream === undefined || this.#isRepeat(time, id, hash)) return;
    const line = 'place' in row ? row.message : row.line;
    const metadata = this.#labels(row.level, row.metadata, stream);
    const passes = 'place' in row ? this.#passes.recent : this.#passes.stored;
    if (passes?.(line, stream, metadata) === false) return;
    let part = parts.get(id);
    if (part === undefined) {
      part = { stream, times: [], lines: [], metadata: [], sizes: [] };
      parts.set(id, part);
    }
    part.times.push(time);
    part.lines.push(line);
    part.metadata.push(metadata);
    part.sizes.push('place' in row ? Buffer.byteLength(line) : row.size);
  }

  #isRepeat(time: bigint, stream: bigint, id: bigint): boolean {
    const last = this.#last;
    if (last === undefined || last.time !== time) {
      this.#last = { time, stream, id };
      this.#seen = undefined;
      return false;
    }
    this.#seen ??= new Set([`${last.stream} ${last.id}`]);
    const key = `${stream} ${id}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }

  /** Structured metadata with the level, as Loki adds it. */
  #labels(level: string, pairs: readonly string[], stream: Labels): Labels {
    const named = stream.has(LEVEL_LABEL) ? '' : level;
    const key = pairs.length === 0 ? named : `${named}\0${pairs.join('\0')}`;
    let labels = this.#sets.get(key);
    if (labels === undefined) {
      if (this.#sets.size >= MOST_SETS) this.#sets.clear();
      this.#sets.set(key, (labels = metadataLabels(named, pairs)));
    }
    return labels;
  }
}

interface Part {
  readonly stream: Labels;
  readonly times: bigint[];
  readonly lines: string[];
  readonly metadata: Labels[];
  readonly sizes: number[];
}
