import { withoutMetricLabels } from '../eval/names.ts';
import type { Labels } from '../labels.ts';
import { Labels as LabelSet } from '../labels.ts';
import type { SelectRequest, SeriesColumns, SeriesScan, SeriesSet } from '../storage.ts';
import { MemoryStorage } from './memory-storage.ts';

/**
 * The memory store with scans. What was read last is overwritten before the next read, so that a reader who keeps it
 * is found out.
 */
export class ScanningStorage extends MemoryStorage {
  /** Scans asked for. */
  scans = 0;
  /** Scans say that the storage moved on meanwhile. */
  moving = false;
  readonly #sets = new Map<string, SeriesSet>();

  scan(request: SelectRequest): SeriesScan {
    this.scans++;
    const found = this.find(request);
    const all = this.labels(request);
    const byKey = new Map(found.map((one) => [one.labels.key, one]));
    let lent: SeriesColumns | undefined;
    let timing: Timing = { times: '', of: {} };
    return {
      set: this.#setOf(all),
      read: (index) => {
        lent?.timestamps.fill(Number.NaN);
        lent?.values.fill(-1e300);
        const one = byKey.get((all[index] ?? LabelSet.EMPTY).key);
        timing = timingOf(one, timing);
        lent = one === undefined ? undefined : copyOf(one, one.labels, timing.of);
        return lent ?? null;
      },
      isWhole: () => !this.moving,
    };
  }

  /** The same object for the same series. */
  #setOf(all: readonly Labels[]): SeriesSet {
    const key = all.map((labels) => labels.key).join('\n');
    let set = this.#sets.get(key);
    if (set === undefined) {
      const nameless = new Set(all.map((labels) => withoutMetricLabels(labels).key));
      set = {
        count: all.length,
        labelsAt: (index) => all[index] ?? LabelSet.EMPTY,
        distinctNameless: nameless.size === all.length,
      };
      this.#sets.set(key, set);
    }
    return set;
  }
}

/** Sample times in words, and the object they go by. */
interface Timing {
  readonly times: string;
  readonly of: object;
}

/** That of the series before where the times are the same. */
function timingOf(one: SeriesColumns | undefined, before: Timing): Timing {
  if (one === undefined) return before;
  const times = `${one.from} ${one.timestamps.subarray(one.from, one.to).join()}`;
  return times === before.times ? before : { times, of: {} };
}

function copyOf(
  { timestamps, values, from, to, histograms }: SeriesColumns,
  labels: Labels,
  timing: object,
): SeriesColumns {
  const columns = { labels, timestamps: timestamps.slice(), values: values.slice(), from, to, timing };
  return histograms === undefined ? columns : { ...columns, histograms };
}
