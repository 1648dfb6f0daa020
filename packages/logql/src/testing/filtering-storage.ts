import type { Labels } from '@pharos/promql';
import type { LabelFilter } from '../parse/ast.ts';
import { storedLabels } from '../pipeline/entry.ts';
import { compileLineTest } from '../stages/line_filter.ts';
import type { CountedSeries, CountRequest, LogBatch, LogSelectRequest, LogStorage } from '../storage.ts';
import type { ContractEntry } from './storage-contract.ts';

/** A storage that does everything it may: filters, stops at the limit, counts, and tells how far it has come. For tests. */
export class FilteringStorage implements LogStorage {
  readonly #entries: readonly ContractEntry[];

  constructor(entries: readonly ContractEntry[]) {
    this.#entries = entries;
  }

  /** One batch per entry, in order over all streams, each a promise that no better one follows. */
  async *select({ matchers, start, end, direction, hints }: LogSelectRequest): AsyncGenerator<LogBatch> {
    const sign = direction === 'forward' ? 1 : -1;
    const wanted = this.#matching({ matchers, ...hints })
      .filter(({ timestamp }) => timestamp >= start && timestamp < end)
      .sort((a, b) => (a.timestamp < b.timestamp ? -sign : a.timestamp > b.timestamp ? sign : 0))
      .slice(0, hints.limit);
    for (const { stream, timestamp, line, metadata } of wanted)
      yield await Promise.resolve({
        stream,
        timestamps: BigInt64Array.of(timestamp),
        lines: [hints.linesUnused ? '' : line],
        sizes: Uint32Array.of(Buffer.byteLength(line)),
        metadata: [metadata],
        horizon: timestamp,
      });
  }

  async count({ windows, what, grouping, ...filters }: CountRequest): Promise<readonly CountedSeries[]> {
    const series = new Map<string, CountedSeries>();
    for (const { stream, metadata, timestamp, line } of this.#matching(filters)) {
      const all = storedLabels(stream, metadata);
      const names = new Set(grouping?.labels);
      const labels = grouping === undefined ? all : grouping.without ? all.without(names) : all.keep(names);
      let one = series.get(labels.key);
      if (one === undefined) {
        one = { labels, values: new Float64Array(windows.count), present: new Uint8Array(windows.count) };
        series.set(labels.key, one);
      }
      for (let k = 0; k < windows.count; k++) {
        const close = windows.end + BigInt(k * windows.stepNs);
        if (timestamp <= close - BigInt(windows.rangeNs) || timestamp > close) continue;
        one.values[k] = (one.values[k] ?? 0) + (what === 'lines' ? 1 : Buffer.byteLength(line));
        one.present[k] = 1;
      }
    }
    return Promise.resolve([...series.values()]);
  }

  #matching({
    matchers,
    lineFilters,
    labelFilters,
  }: Pick<CountRequest, 'matchers' | 'lineFilters' | 'labelFilters'>): readonly ContractEntry[] {
    const tests = lineFilters.map(compileLineTest);
    return this.#entries.filter(({ stream, metadata, line }) => {
      const labels = storedLabels(stream, metadata);
      return (
        matchers.every((matcher) => matcher.matches(stream.get(matcher.name))) &&
        tests.every((test) => test(line)) &&
        labelFilters.every((filter) => holds(filter, labels))
      );
    });
  }
}

function holds(filter: LabelFilter, labels: Labels): boolean {
  if (filter.kind === 'and') return holds(filter.left, labels) && holds(filter.right, labels);
  if (filter.kind === 'or') return holds(filter.left, labels) || holds(filter.right, labels);
  if (filter.kind !== 'string')
    throw new TypeError(`a storage was asked for a filter of kind ${filter.kind}`);
  return filter.matcher.matches(labels.get(filter.matcher.name));
}
