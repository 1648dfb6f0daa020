import {
  type BucketColumns,
  bucketsOf,
  type Downsampled,
  type DownsampleRequest,
  isAligned,
  joinBuckets,
  type Labels,
  type OwnPiece,
  type PlannedPiece,
  planOwn,
  planPieces,
  type SelectRequest,
  type SelectResult,
  type SeriesColumns,
} from '@pharos/promql';
import { type Engine, engineErrors } from '../../engine/index.ts';
import { metricsErrors } from '../errors.ts';
import type { Head } from '../store/head/head.ts';
import { slotOf } from '../store/head/series-pages.ts';
import type { HistogramMetrics } from '../store/histograms/known-metrics.ts';
import { DAY_MS, dayOf } from '../store/rows.ts';
import { keyText, type SeriesKey } from '../store/series-key.ts';
import type { SeriesDirectory } from '../store/series-lookup.ts';
import { yieldToLoop } from '../store/yield.ts';
import type { Coverage } from './coverage.ts';
import { readBuckets } from './reader.ts';
import { RESOLUTIONS, type Resolution } from './resolutions.ts';
import { canSumUp, readSampleBuckets } from './samples-reader.ts';
import type { DownsampleTelemetry } from './telemetry.ts';

export interface BucketSelectorDeps {
  readonly coverage: Coverage;
  readonly engine: Engine;
  readonly head: Head;
  readonly series: SeriesDirectory;
  readonly histogramMetrics: HistogramMetrics;
  readonly telemetry: DownsampleTelemetry;
  readonly maxSeries: number;
  readonly maxSamples: number;
  /** Where samples are there too, buckets are only read when they spare reading so many: fewer take no time worth it. */
  readonly leastSpared: number;
}

/** Up to 9 numbers of a bucket are read where a sample is two. */
const SAMPLES_PER_BUCKET = 4;

/** Fewer samples than this in a bucket are as soon sent as summed up. */
const LEAST_PER_BUCKET = 4;

const NARROWEST_MS = Math.min(...RESOLUTIONS.map(({ ms }) => ms));

interface Target {
  readonly key: SeriesKey;
  readonly labels: Labels;
}

export interface AskedBy {
  readonly tenant: string;
  /** Only where the samples are gone. */
  readonly neededOnly: boolean;
  /** The same selection's samples. */
  readonly select: (request: SelectRequest) => Promise<SelectResult>;
}

/** Answers selections from the buckets of days whose buckets stand for all their samples. */
export class BucketSelector {
  readonly #deps: BucketSelectorDeps;

  constructor(deps: BucketSelectorDeps) {
    this.#deps = deps;
  }

  /** Null where samples are to be read: they are recent, few, or buckets would answer something else than they. */
  async answer(
    request: DownsampleRequest,
    { tenant, neededOnly, select }: AskedBy,
    signal?: AbortSignal,
  ): Promise<Downsampled | null> {
    const { head, engine, coverage } = this.#deps;
    const { first, range } = request.windows;
    const open = first - range;
    if (open + 1 >= head.floor || engine.state() !== 'ready') return null;
    const rawFrom = coverage.samplesFrom * DAY_MS - 1;
    const asked = { tenant, request, neededOnly, rawFrom, open, select };
    try {
      return (await this.#fromBuckets(asked, signal)) ?? (await this.#fromSamples(asked, signal));
    } catch (error) {
      // Without the engine the head alone answers, and says so.
      if (engineErrors.is(error, 'gone') || engineErrors.is(error, 'retryable')) return null;
      throw error;
    }
  }

  /** From what the job has stored. */
  async #fromBuckets(
    { tenant, request, neededOnly, rawFrom, open, select }: Asked,
    signal?: AbortSignal,
  ): Promise<Downsampled | null> {
    const { coverage } = this.#deps;
    const mayPrefer = !neededOnly && request.exact && RESOLUTIONS.some(({ ms }) => isAligned(request, ms));
    if (open >= rawFrom && !mayPrefer) return null;
    const seam = coverage.cleanUntil(Math.max(0, dayOf(open))) * DAY_MS;
    const tiers = RESOLUTIONS.map(({ ms, table: { name } }) => ({
      resolution: ms,
      from: coverage.floorOf(name) * DAY_MS,
    }));
    const needed = planPieces(request, { tiers, seam, rawFrom }, false);
    const preferred = mayPrefer ? planPieces(request, { tiers, seam, rawFrom }, true) : [];
    if (needed.length + preferred.length === 0) return null;
    const targets = await this.#targets(tenant, request, signal);
    const spared = this.#spared(preferred, seam, targets.length);
    // With nothing to prefer, what is needed is read: also where `downsample_spares` is 0.
    const prefers =
      preferred.length > 0 && spared >= this.#deps.leastSpared && !this.#anyHistograms(tenant, targets);
    const planned = prefers ? preferred : needed;
    if (planned.length === 0) return null;
    const reason =
      needed.length > 0
        ? NEEDED
        : { text: `it spares reading about ${rounded(spared)} samples`, label: 'cheaper' };
    this.#deps.telemetry.selections.inc({ reason: reason.label });
    const found = await this.#read({ tenant, request, targets, planned, seam, select }, signal);
    return { ...found, note: noteOf(planned, { seam, reason: reason.text, request }) };
  }

  /**
   * From the samples, summed up by the engine in buckets cut for this request, so that they are not all sent here: of days whose
   * samples are all in the engine, once each.
   */
  async #fromSamples(
    { tenant, request, neededOnly, rawFrom, open, select }: Asked,
    signal?: AbortSignal,
  ): Promise<Downsampled | null> {
    const { engine, coverage, maxSamples, telemetry } = this.#deps;
    if (neededOnly || open < rawFrom || !canSumUp(request.fields)) return null;
    const seamDay = coverage.cleanUntil(Math.max(0, dayOf(open)));
    const own = planOwn(request, seamDay * DAY_MS);
    if (own === undefined || coverage.anyRepeated(dayOf(own.open), seamDay)) return null;
    const targets = await this.#targets(tenant, request, signal);
    const spared = this.#sparedBySums(own, targets.length);
    if (spared < Math.max(1, this.#deps.leastSpared) || this.#anyHistograms(tenant, targets)) return null;
    telemetry.selections.inc({ reason: 'summed' });
    const { grid, to, close } = own;
    const { windows, fields } = request;
    const keys = targets.map(({ key }) => key);
    const read = { tenant, keys, grid, open: own.open, close, fields, most: maxSamples / SAMPLES_PER_BUCKET };
    const found = await readSampleBuckets(engine, read, signal);
    const series = targets.flatMap(({ labels }, i) => {
      const buckets = found[i];
      return buckets === undefined ? [] : [{ ...buckets, labels }];
    });
    const startExclusive = windows.first + to * windows.step - windows.range;
    const raw: SelectResult =
      to < windows.count ? await select({ ...request, startExclusive }) : { series: [] };
    const { warnings } = raw;
    return { pieces: [{ ...grid, from: 0, to, series }], raw: raw.series, ...(warnings && { warnings }) };
  }

  #anyHistograms(tenant: string, targets: readonly Target[]): boolean {
    return targets.some(({ key }) => this.#deps.histogramMetrics.mayHave(tenant, key.metric));
  }

  /** About how many samples more than buckets there are; none where a bucket would hold but a few. */
  #sparedBySums({ grid, open, close }: OwnPiece, series: number): number {
    const { samples, rows } = this.#sizeOf(open, close, 0);
    if (rows === 0) return 0;
    const dense = ((series * (close - open)) / NARROWEST_MS) * (samples / rows);
    const buckets = (series * (close - open)) / grid.resolution;
    const estimate = Math.min(dense, samples);
    return estimate < LEAST_PER_BUCKET * buckets ? 0 : estimate - buckets;
  }

  /** All tenants' samples of the days, and their buckets of one resolution. */
  #sizeOf(open: number, close: number, at: number): { readonly samples: number; readonly rows: number } {
    let [samples, rows] = [0, 0];
    for (const [day, computed] of this.#deps.coverage.computed()) {
      if (day < dayOf(open) || day > dayOf(close)) continue;
      samples += computed.samples;
      rows += computed.rows[at] ?? 0;
    }
    return { samples, rows };
  }

  async #targets(
    tenant: string,
    request: DownsampleRequest,
    signal?: AbortSignal,
  ): Promise<readonly Target[]> {
    const { head, series, maxSeries } = this.#deps;
    const targets = new Map<string, Target>();
    for (const ref of head.selection(tenant, request.matchers)?.refs ?? []) {
      const page = head.pageOf(ref);
      const labels = head.labelsOf(ref);
      if (page === undefined || labels === undefined) continue;
      const key = page.keyAt(slotOf(ref));
      targets.set(keyText(key), { key, labels });
    }
    const { first, range } = request.windows;
    const stored = await series.find(
      {
        tenant,
        matchers: request.matchers,
        fromDay: Math.max(0, dayOf(first - range)),
        toDay: Math.max(0, dayOf(request.end)),
        generation: head.engineGeneration,
      },
      signal,
    );
    for (const target of stored) targets.set(keyText(target.key), target);
    if (targets.size > maxSeries)
      throw metricsErrors.make('tooManySeries', `the matchers select more than ${maxSeries} series`);
    return [...targets.values()];
  }

  /** About how many samples more than buckets there are below the seam, if the series are as all series of those days are. */
  #spared(pieces: readonly PlannedPiece[], seam: number, series: number): number {
    let spared = 0;
    let all = 0;
    for (const { resolution, open, close } of pieces) {
      const at = RESOLUTIONS.findIndex(({ ms }) => ms === resolution);
      const { samples, rows } = this.#sizeOf(open, close, at);
      const buckets = (series * (Math.min(close, seam) - open)) / resolution;
      if (rows > 0) spared += buckets * (samples / rows - 1);
      all += samples - rows;
    }
    return Math.min(spared, all);
  }

  async #read(
    { tenant, request, targets, planned, seam, select }: Reading,
    signal?: AbortSignal,
  ): Promise<Omit<Downsampled, 'note'>> {
    const { engine, coverage, maxSamples } = this.#deps;
    const { windows } = request;
    const next = planned.at(-1)?.to ?? 0;
    const fromWindows =
      next < windows.count ? windows.first + next * windows.step - windows.range : request.end;
    const afterSeam = planned.some(({ close }) => close > seam) ? seam : request.end;
    const startExclusive = Math.min(fromWindows, afterSeam);
    const raw: SelectResult =
      startExclusive < request.end ? await select({ ...request, startExclusive }) : { series: [] };
    const newer = new Map(raw.series.map((one) => [one.labels.key, one]));
    const pieces = [];
    for (const { resolution: ms, from, to, open, close } of planned) {
      const resolution = RESOLUTIONS.find((one) => one.ms === ms);
      if (resolution === undefined) continue;
      const keys = targets.map(({ key }) => key);
      const runs = runsOf(coverage, dayOf(open), dayOf(Math.min(close, seam)));
      const begin = Math.floor(open / ms) * ms;
      const read = {
        tenant,
        keys,
        resolution,
        open: begin,
        close: Math.min(close, seam),
        runs,
        fields: request.fields,
      };
      const stored = await readBuckets(engine, { ...read, most: maxSamples / SAMPLES_PER_BUCKET }, signal);
      const series = await joined({ targets, stored, newer, seam, close, resolution }, signal);
      pieces.push({ resolution: ms, from, to, series });
    }
    const { warnings } = raw;
    return { pieces, raw: next < windows.count ? raw.series : [], ...(warnings && { warnings }) };
  }
}

interface Asked extends AskedBy {
  readonly request: DownsampleRequest;
  /** Where the first window opens, and after what time samples are kept, ms. */
  readonly open: number;
  readonly rawFrom: number;
}

interface Reading {
  readonly tenant: string;
  readonly request: DownsampleRequest;
  readonly targets: readonly Target[];
  readonly planned: readonly PlannedPiece[];
  readonly seam: number;
  readonly select: AskedBy['select'];
}

function runsOf(coverage: Coverage, from: number, to: number): readonly number[] {
  return coverage.computed().flatMap(([day, { run }]) => (day >= from && day <= to ? [run] : []));
}

interface Joining {
  readonly targets: readonly Target[];
  readonly stored: readonly (BucketColumns | undefined)[];
  readonly newer: ReadonlyMap<string, SeriesColumns>;
  readonly seam: number;
  readonly close: number;
  readonly resolution: Resolution;
}

/** Stored buckets up to the seam, and buckets of samples after it, where windows reach beyond. */
async function joined(
  { targets, stored, newer, seam, close, resolution }: Joining,
  signal?: AbortSignal,
): Promise<readonly BucketColumns[]> {
  const series: BucketColumns[] = [];
  const seen = new Set<string>();
  const join = (labels: Labels, older: BucketColumns | undefined): void => {
    seen.add(labels.key);
    const after = close > seam ? newer.get(labels.key) : undefined;
    const recent = after === undefined ? undefined : bucketsOf(after, resolution.ms, seam, close);
    const both = older !== undefined && recent !== undefined ? joinBuckets(older, recent) : (older ?? recent);
    if (both !== undefined) series.push({ ...both, labels });
  };
  for (const [i, { labels }] of targets.entries()) {
    join(labels, stored[i]);
    if (i % 1000 === 999) await yieldToLoop();
    signal?.throwIfAborted();
  }
  // Series that came while the others were read.
  for (const { labels } of newer.values()) if (!seen.has(labels.key)) join(labels, undefined);
  return series;
}

const NEEDED = { text: 'the samples of that time are no longer kept', label: 'needed' } as const;

function noteOf(
  planned: readonly PlannedPiece[],
  {
    seam,
    reason,
    request,
  }: { readonly seam: number; readonly reason: string; readonly request: DownsampleRequest },
): string {
  const texts = planned.map(({ resolution }) => RESOLUTIONS.find(({ ms }) => ms === resolution)?.text ?? '');
  const last = planned.at(-1);
  const until = Math.min(seam, last?.close ?? seam);
  const widths = [...new Set(texts)].join(' and ');
  const exact = request.exact && planned.every(({ resolution }) => isAligned(request, resolution));
  const effect = exact
    ? 'the answer is the same'
    : 'times are those of whole buckets, so the answer is approximate';
  return `up to ${new Date(until).toISOString()} read from buckets of ${widths}, because ${reason}; ${effect}`;
}

function rounded(samples: number): string {
  return Math.round(Number(samples.toPrecision(2))).toLocaleString('en-US');
}
