import type { Matcher } from '@pharos/promql';
import { Labels } from '@pharos/promql';
import type { LogBatch, LogSelectRequest, LogStorage } from '../storage.ts';

interface StoredEntry {
  readonly timestamp: bigint;
  readonly line: string;
  readonly metadata: Labels;
}

/** Entries per batch: small, so that tests meet several. */
const BATCH = 7;

/** A log storage in memory, for tests: streams by labels, entries in order of time. It ignores every hint it may ignore. */
export class MemoryLogStorage implements LogStorage {
  readonly #streams = new Map<string, { readonly labels: Labels; readonly entries: StoredEntry[] }>();
  /** What was asked for, newest last. */
  readonly requests: LogSelectRequest[] = [];

  add(labels: Labels, timestamp: bigint, line: string, metadata: Labels = Labels.EMPTY): void {
    let stream = this.#streams.get(labels.key);
    if (stream === undefined) {
      stream = { labels, entries: [] };
      this.#streams.set(labels.key, stream);
    }
    stream.entries.push({ timestamp, line, metadata });
  }

  clear(): void {
    this.#streams.clear();
  }

  async *select(request: LogSelectRequest): AsyncGenerator<LogBatch> {
    this.requests.push(request);
    const { matchers, start, end, direction } = request;
    const sign = direction === 'forward' ? 1 : -1;
    for (const { labels, entries } of this.#streams.values()) {
      if (!matchesAll(matchers, labels)) continue;
      const wanted = entries
        .filter(({ timestamp }) => timestamp >= start && timestamp < end)
        .sort((a, b) => (a.timestamp < b.timestamp ? -sign : a.timestamp > b.timestamp ? sign : 0));
      for (let from = 0; from < wanted.length; from += BATCH) {
        const part = wanted.slice(from, from + BATCH);
        // Asynchronous like any real storage.
        yield await Promise.resolve({
          stream: labels,
          timestamps: BigInt64Array.from(part, (entry) => entry.timestamp),
          lines: part.map((entry) => entry.line),
          metadata: part.map((entry) => entry.metadata),
        });
      }
    }
  }
}

function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name)));
}
