import { describeProblem } from '../ingest/exposition/errors.ts';
import { readExemplar } from '../ingest/exposition/exemplar.ts';
import { KnownRun } from '../ingest/exposition/known-run.ts';
import type { MetricType } from '../ingest/exposition/metadata.ts';
import type { NativeSample } from '../ingest/exposition/protobuf.ts';
import { ENTRY, type ExpositionFormat, ExpositionScanner } from '../ingest/exposition/scanner.ts';
import type { Exemplar, MetricMetadata, SampleAppender, SeriesRef } from '../sink.ts';
import { type AdmissionPolicy, DROPPED, REFUSED, SeriesAdmission } from './admission.ts';
import { LiveSeries } from './live_series.ts';
import type { MetadataCache } from './metadata_cache.ts';
import { type BodyOutcome, BodyTally } from './outcome.ts';
import { RawCache } from './raw_cache.ts';

export interface BodyPolicy extends AdmissionPolicy {
  readonly honorTimestamps: boolean;
  /** Also mark series stale that carry their own timestamps. */
  readonly trackTimestamps: boolean;
  /** Lets other work run between slices of a large body. */
  readonly breathe: () => Promise<void>;
}

/** What a target exposed: text with one spare byte behind `length`, and native histograms that text cannot say. */
export interface ExposedBody {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly format: ExpositionFormat;
  readonly natives: readonly NativeSample[];
}

/** Rounds between attempts to have a refused series taken after all. */
const RETRY_REFUSED_ROUNDS = 16;

/** Work units between breaths: about 10 ms, when a known series costs 1 and a new one 20. */
const SLICE = 50_000;
const NEW_SERIES_COST = 20;

/** Lines that are read before what they say is appended; bodies are read one after the other, so one serves all. */
const RUN = new KnownRun(256);
/** The refs of a run's series. */
const REFS = new Uint32Array(RUN.capacity);

/**
 * What one target's series are, across scrapes: parses each body into an appender, remembers which series are live, and
 * writes staleness markers for those that are gone.
 */
export class TargetSeries {
  readonly #cache: RawCache;
  readonly #metadata: MetadataCache;
  readonly #scanners = {
    text: new ExpositionScanner('text'),
    openmetrics: new ExpositionScanner('openmetrics'),
  };
  readonly #policy: BodyPolicy;
  readonly #tally = new BodyTally();
  readonly #admission: SeriesAdmission;
  readonly #live: LiveSeries;
  #type: MetricType | null = null;

  constructor(policy: BodyPolicy, metadata: MetadataCache, seed: number) {
    this.#policy = policy;
    this.#metadata = metadata;
    this.#cache = new RawCache(seed);
    this.#live = new LiveSeries(this.#cache);
    this.#admission = new SeriesAdmission(this.#cache, policy, this.#tally);
  }

  /** Series known and bytes held. */
  get size(): { readonly series: number; readonly bytes: number } {
    return { series: this.#cache.count, bytes: this.#cache.bytes + this.#metadata.bytes };
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#metadata.families;
  }

  /** The series that are live now. */
  liveRefs(): Set<SeriesRef> {
    return this.#live.refs();
  }

  inherit(live: ReadonlySet<SeriesRef>): void {
    this.#live.inherit(live);
  }

  /**
   * Parses a body into the appender. On a problem nothing of it may be committed: roll
   * back, then `markAllStale`. Otherwise `markVanished` belongs to the same commit, and `settle` follows it.
   */
  async append(
    { bytes: body, length, format, natives }: ExposedBody,
    timestamp: number,
    appender: SampleAppender,
  ): Promise<BodyOutcome> {
    const tally = this.#tally;
    const scanner = this.#scanners[format];
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    scanner.reset(body, length);
    this.#begin(scanner);
    let budget = SLICE;
    // Lines with more than a value would be read twice.
    let isPlain = true;
    for (;;) {
      if (isPlain) {
        const known = this.#known(scanner, timestamp, appender);
        budget -= known;
        if (known === RUN.capacity && budget > 0) continue;
      }
      const found = this.#next(scanner);
      if (found === ENTRY.sample) {
        isPlain = !scanner.hasTimestamp && scanner.exemplarStart < 0;
        budget -= this.#one(scanner, view, timestamp, appender);
      } else if (found === ENTRY.metadata) this.#line(scanner, view);
      else if (found === ENTRY.problem) {
        const problem = scanner.problem();
        tally.problem = { reason: problem.reason, message: describeProblem(problem) };
      } else {
        break;
      }
      if (tally.problem !== null) break;
      if (--budget <= 0) {
        budget = SLICE;
        await this.#policy.breathe();
      }
    }
    for (const native of natives) {
      if (tally.problem !== null) break;
      tally.scraped++;
      this.#native(native, timestamp, appender);
      if (--budget <= 0) {
        budget = SLICE;
        await this.#policy.breathe();
      }
    }
    return tally.outcome(this.#policy.sampleLimit);
  }

  /** Staleness markers for the series of the last scrape that this one did not expose. Returns how many. */
  markVanished(timestamp: number, appender: SampleAppender): number {
    return this.#live.markVanished(timestamp, appender);
  }

  /** Staleness markers for every live series: the target failed, or is gone. */
  markAllStale(timestamp: number, appender: SampleAppender): number {
    return this.#live.markAll(timestamp, appender);
  }

  /** After the commit: what is live now is what this round exposed, or nothing when it failed. */
  settle(exposed: boolean): void {
    this.#live.settle(exposed);
    this.#cache.endRound(exposed);
    this.#metadata.settle(exposed);
  }

  #begin(scanner: ExpositionScanner): void {
    this.#live.begin();
    this.#cache.beginRound();
    this.#metadata.beginRound(scanner);
    this.#tally.reset();
    this.#type = null;
  }

  /** A run of lines that say what followed the one before them in the last round, with other values; answers how many. */
  #known(scanner: ExpositionScanner, timestamp: number, appender: SampleAppender): number {
    const { entries, values } = RUN;
    const count = scanner.known(this.#cache, RUN);
    this.#tally.scraped += count;
    let taken = 0;
    for (let i = 0; i < count; i++) {
      const entry = entries[i];
      const ref = this.#sample(entry, false, appender);
      if (ref < 0) continue;
      REFS[taken] = ref;
      entries[taken] = entry;
      values[taken++] = values[i];
    }
    const all = appender.appendEach(REFS, values, taken, timestamp);
    for (let i = 0; i < taken; i++)
      if (all || this.#append(entries[i], REFS[i], timestamp, values[i], appender) >= 0)
        this.#live.expose(entries[i]);
    return count;
  }

  /** What comes next, the series that is thought to come tried first. */
  #next(scanner: ExpositionScanner): number {
    const cache = this.#cache;
    const predicted = cache.predicted();
    if (predicted >= 0)
      scanner.expect(cache.arenaView, cache.at[predicted] ?? 0, cache.length[predicted] ?? 0);
    return scanner.next();
  }

  /** The sample the scanner found; answers what it cost. */
  #one(scanner: ExpositionScanner, view: DataView, timestamp: number, appender: SampleAppender): number {
    const cache = this.#cache;
    const { bytes, seriesStart: start, seriesEnd: end } = scanner;
    this.#tally.scraped++;
    let entry = scanner.expected ? cache.predicted() : cache.find(bytes, view, start, end);
    let cost = 0;
    if (entry < 0) {
      cost = NEW_SERIES_COST + ((end - start) >> 6);
      if (this.#admission.isFull()) return cost;
      entry = this.#admission.admit({ bytes, view, start, end, type: this.#type }, appender, (problem) =>
        describeProblem(scanner.problemHere('labels', problem)),
      );
      if (entry < 0) return cost;
    }
    const { honorTimestamps, trackTimestamps } = this.#policy;
    const ownTime = honorTimestamps && scanner.hasTimestamp;
    const time = ownTime ? scanner.timestamp : timestamp;
    const ref = this.#sample(entry, ownTime, appender);
    const taken = ref < 0 ? ref : this.#append(entry, ref, time, scanner.value, appender);
    if (taken < 0) return cost;
    if (!ownTime || trackTimestamps) this.#live.expose(entry);
    if (scanner.exemplarStart >= 0) appendExemplar(taken, readExemplar(scanner, time), appender);
    return cost;
  }

  #line(scanner: ExpositionScanner, view: DataView): void {
    const seen = this.#metadata.line(scanner, view);
    if (seen.problem !== null) this.#tally.problem = { reason: 'metadata', message: seen.problem };
    else if (seen.type !== null) this.#type = seen.type;
  }

  /** Counts a sample of the entry. The ref to append it to, or a negative number when it is not to be stored. */
  #sample(entry: number, ownTime: boolean, appender: SampleAppender): SeriesRef {
    const cache = this.#cache;
    const tally = this.#tally;
    const first = cache.touch(entry);
    let ref = cache.refs[entry] ?? DROPPED;
    if (ref === DROPPED) return DROPPED;
    if (!first && !ownTime) {
      tally.duplicates++;
      return DROPPED;
    }
    if (ref === REFUSED && first && cache.round % RETRY_REFUSED_ROUNDS === 0)
      ref = this.#admission.again(entry, appender);
    tally.kept++;
    if (ref === REFUSED) {
      tally.limited('series_limit', 'the tenant has its limit of active series');
      return REFUSED;
    }
    const { sampleLimit } = this.#policy;
    return sampleLimit > 0 && tally.kept > sampleLimit ? DROPPED : ref;
  }

  /** The ref the sample was appended to, which is another one when the first has left memory; negative when refused. */
  #append(entry: number, ref: SeriesRef, time: number, value: number, appender: SampleAppender): SeriesRef {
    if (appender.append(ref, time, value)) return ref;
    const fresh = this.#admission.again(entry, appender);
    if (fresh >= 0 && appender.append(fresh, time, value)) return fresh;
    this.#tally.refused++;
    return REFUSED;
  }

  /** A native histogram, which its body says beside the text. */
  #native(sample: NativeSample, timestamp: number, appender: SampleAppender): void {
    const { series, type, histogram, start } = sample;
    const cache = this.#cache;
    const { honorTimestamps, trackTimestamps } = this.#policy;
    const view = new DataView(series.buffer, series.byteOffset, series.byteLength);
    const at = { bytes: series, view, start: 0, end: series.length - 1, type };
    let entry = cache.find(series, view, at.start, at.end);
    if (entry < 0)
      entry = this.#admission.admit(
        at,
        appender,
        (problem) => `${Buffer.from(series).toString().trimEnd()}: ${problem}`,
      );
    if (entry < 0) return;
    const ownTime = honorTimestamps ? sample.timestamp : null;
    const time = ownTime ?? timestamp;
    let ref = this.#sample(entry, ownTime !== null, appender);
    if (ref < 0) return;
    if (!appender.appendHistogram(ref, time, histogram, start)) {
      ref = this.#admission.again(entry, appender);
      if (ref < 0 || !appender.appendHistogram(ref, time, histogram, start)) {
        this.#tally.refused++;
        return;
      }
    }
    if (ownTime === null || trackTimestamps) this.#live.expose(entry);
    for (const exemplar of sample.exemplars)
      appendExemplar(
        ref,
        Number.isNaN(exemplar.timestamp) ? { ...exemplar, timestamp: time } : exemplar,
        appender,
      );
  }
}

function appendExemplar(ref: SeriesRef, exemplar: Exemplar | null, appender: SampleAppender): void {
  if (exemplar !== null) appender.appendExemplar(ref, exemplar);
}
