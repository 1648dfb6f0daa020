import type {
  Downsampled,
  DownsampleRequest,
  Labels,
  Matcher,
  Queryable,
  SelectRequest,
  SelectResult,
  SeriesColumns,
  SeriesScan,
} from '@pharos/promql';
import { type Engine, engineErrors } from '../../engine/index.ts';
import type { BucketSelector } from '../downsample/select.ts';
import { metricsErrors } from '../errors.ts';
import type { MetricsTelemetry } from '../telemetry.ts';
import type { SampleHistory } from './engine-reader.ts';
import { ColumnArena } from './head/column-arena.ts';
import type { Head } from './head/head.ts';
import { mergeColumns } from './head/merge.ts';
import { isRich, mergeRich, type RichWindow } from './head/rich-window.ts';
import type { ScanReader } from './head/scan-reader.ts';
import type { Selection } from './head/selection.ts';
import { slotOf } from './head/series-pages.ts';
import { dayOf } from './rows.ts';
import { keyText, type SeriesKey } from './series-key.ts';
import type { SeriesDirectory } from './series-lookup.ts';
import { yieldToLoop } from './yield.ts';

export interface QueryableDeps {
  readonly head: Head;
  readonly engine: Pick<Engine, 'state'>;
  readonly reader: SampleHistory;
  readonly series: SeriesDirectory;
  readonly telemetry: MetricsTelemetry;
  /** Absent where queries are to see samples only. */
  readonly buckets?: BucketSelector | undefined;
  /** Samples and series one selection may load. */
  readonly maxSamples: number;
  readonly maxSeries: number;
}

/** Samples copied between two looks at the event loop: about 5 ms of work. */
const SLICE_SAMPLES = 300_000;
/** Series visited between two looks, for selections with few samples each. */
const SLICE_SERIES = 5_000;

interface Target {
  readonly key: SeriesKey;
  readonly labels: Labels;
  readonly recent: SeriesColumns | null;
}

/**
 * One tenant's samples. The head is read first, then the engine strictly below the seam T (the head's floor after
 * that reading): whatever left the head in between is in the engine, and what both have is merged by time.
 */
export class StoreQueryable implements Queryable {
  readonly #deps: QueryableDeps;
  readonly #tenant: string;

  constructor(deps: QueryableDeps, tenant: string) {
    this.#deps = deps;
    this.#tenant = tenant;
  }

  scan(request: SelectRequest): SeriesScan | null {
    const { head, maxSeries, maxSamples } = this.#deps;
    if (request.startExclusive + 1 < head.floor) return null;
    const selection = head.selection(this.#tenant, request.matchers);
    if (selection === undefined) return null;
    if (selection.count > maxSeries) throw tooManySeries(maxSeries);
    return new HeadScan(head, selection, request, maxSamples);
  }

  /** With `neededOnly` only where the samples are gone. */
  async downsampled(
    request: DownsampleRequest,
    signal?: AbortSignal,
    neededOnly = false,
  ): Promise<Downsampled | null> {
    const { buckets } = this.#deps;
    if (buckets === undefined) return null;
    const select = (samples: SelectRequest): Promise<SelectResult> => this.select(samples, signal);
    return await buckets.answer(request, { tenant: this.#tenant, neededOnly, select }, signal);
  }

  async select(request: SelectRequest, signal?: AbortSignal): Promise<SelectResult> {
    const { head } = this.#deps;
    const { matchers, startExclusive, end } = request;
    const needsEngine = (): boolean => startExclusive + 1 < head.floor;
    const refs = needsEngine()
      ? [...(head.selection(this.#tenant, matchers)?.refs ?? [])]
      : head.select(this.#tenant, matchers, startExclusive, end);
    if (refs.length > this.#deps.maxSeries) throw tooManySeries(this.#deps.maxSeries);
    const targets = await this.#readHead(refs, request, signal);
    if (!needsEngine()) return { series: recentOnly(targets) };
    return await this.#withEngine(targets, request, head.floor, signal);
  }

  async #readHead(refs: readonly number[], request: SelectRequest, signal?: AbortSignal): Promise<Target[]> {
    const { head, maxSamples } = this.#deps;
    const arena = new ColumnArena();
    const targets: Target[] = [];
    let samples = 0;
    let sliceEnd = SLICE_SAMPLES;
    for (const [i, ref] of refs.entries()) {
      if (samples > sliceEnd || (i % SLICE_SERIES === 0 && i > 0)) {
        await yieldToLoop();
        signal?.throwIfAborted();
        sliceEnd = samples + SLICE_SAMPLES;
      }
      const page = head.pageOf(ref);
      const labels = head.labelsOf(ref);
      if (page === undefined || labels === undefined) continue;
      const recent = head.read(
        ref,
        request.startExclusive,
        request.end,
        arena,
        request.hints.starts === true,
      );
      samples += recent === null ? 0 : recent.to - recent.from;
      if (samples > maxSamples) throw tooManySamples(maxSamples);
      targets.push({ key: page.keyAt(slotOf(ref)), labels, recent });
    }
    return targets;
  }

  async #withEngine(
    targets: Target[],
    request: SelectRequest,
    seam: number,
    signal?: AbortSignal,
  ): Promise<SelectResult> {
    const from = request.startExclusive + 1;
    const to = Math.min(request.end, seam - 1);
    const stop = this.#deps.telemetry.engineReads.startTimer();
    try {
      const stored = await this.#stored(request.matchers, from, to, signal);
      // Whether the head has it is no question: one that comes back just now was not in the head when that was read.
      for (const { key, labels } of stored) targets.push({ key, labels, recent: null });
      const all = distinctTargets(targets);
      const windows = await this.#deps.reader.read(
        {
          tenant: this.#tenant,
          keys: all.map((t) => t.key),
          from,
          to,
          maxSamples: this.#deps.maxSamples,
          starts: request.hints.starts === true,
        },
        signal,
      );
      return { series: await joinAll(all, windows, signal) };
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      this.#deps.telemetry.partialAnswers.inc();
      const since = new Date(seam).toISOString();
      return {
        series: recentOnly(targets),
        warnings: [
          `storage: samples before ${since} are missing from this answer: the engine is not available`,
        ],
      };
    } finally {
      stop();
    }
  }

  async #stored(matchers: readonly Matcher[], from: number, to: number, signal?: AbortSignal) {
    const { engine, series, head } = this.#deps;
    if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
    return await series.find(
      {
        tenant: this.#tenant,
        matchers,
        fromDay: Math.max(0, dayOf(from)),
        toDay: Math.max(0, dayOf(to)),
        generation: head.engineGeneration,
      },
      signal,
    );
  }
}

/** Reads series of the head one by one into the same memory. */
class HeadScan implements SeriesScan {
  readonly set: Selection;
  readonly #head: Head;
  readonly #from: number;
  readonly #reader: ScanReader;
  readonly #generation: number;
  readonly #maxSamples: number;
  #samples = 0;

  constructor(head: Head, set: Selection, { startExclusive, end, hints }: SelectRequest, maxSamples: number) {
    this.#head = head;
    this.set = set;
    this.#from = startExclusive;
    this.#reader = head.scan({ startExclusive, end, wantStarts: hints.starts === true });
    this.#generation = head.engineGeneration;
    this.#maxSamples = maxSamples;
  }

  read(index: number): SeriesColumns | null {
    const columns = this.#reader.read(this.set.ordered[index]);
    if (columns === null) return null;
    this.#samples += columns.to - columns.from;
    if (this.#samples > this.#maxSamples) throw tooManySamples(this.#maxSamples);
    return columns;
  }

  /** Nothing that the scan looked for has left the head since it began. */
  isWhole(): boolean {
    return this.#from + 1 >= this.#head.floor && this.#generation === this.#head.engineGeneration;
  }
}

function tooManySeries(limit: number): Error {
  return metricsErrors.make('tooManySeries', `the matchers select more than ${limit} series`);
}

function tooManySamples(limit: number): Error {
  return metricsErrors.make(
    'tooManySamples',
    `query processing would load too many samples into memory in query execution (limit ${limit})`,
  );
}

function isUnreachable(error: unknown): boolean {
  return engineErrors.is(error, 'gone') || engineErrors.is(error, 'retryable');
}

function recentOnly(targets: readonly Target[]): SeriesColumns[] {
  const found: SeriesColumns[] = [];
  for (const { recent } of targets) if (recent !== null) found.push(recent);
  return found;
}

/** A series that was evicted while the head was read may come a second time from the engine's list. */
function distinctTargets(targets: readonly Target[]): Target[] {
  const seen = new Set<string>();
  return targets.filter(({ key }) => {
    const id = keyText(key);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

async function joinAll(
  targets: readonly Target[],
  windows: readonly (RichWindow | undefined)[],
  signal?: AbortSignal,
): Promise<SeriesColumns[]> {
  const arena = new ColumnArena();
  const joined: SeriesColumns[] = [];
  let samples = 0;
  for (const [i, target] of targets.entries()) {
    const stored = windows[i];
    if (stored === undefined) {
      if (target.recent !== null) joined.push(target.recent);
      continue;
    }
    if (target.recent === null) {
      joined.push({ labels: target.labels, ...stored });
      continue;
    }
    joined.push(joinOne(target.labels, stored, target.recent, arena));
    samples += stored.to - stored.from;
    if (samples > SLICE_SAMPLES) {
      samples = 0;
      await yieldToLoop();
      signal?.throwIfAborted();
    }
  }
  return joined;
}

function joinOne(labels: Labels, stored: RichWindow, recent: RichWindow, arena: ColumnArena): SeriesColumns {
  if (isRich(stored) || isRich(recent)) return { labels, ...mergeRich(recent, stored) };
  arena.reserve(stored.to - stored.from + recent.to - recent.from);
  const from = arena.next;
  mergeColumns(recent, stored, arena);
  return { labels, timestamps: arena.timestamps, values: arena.values, from, to: arena.next };
}
