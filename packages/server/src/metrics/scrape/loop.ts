import type { Clock, Timer } from '../../kernel/clock.ts';
import { PharosError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { type ReadText, readsFiles } from '../http-client/headers.ts';
import type { SampleSink } from '../sink.ts';
import type { TargetSeries } from './append.ts';
import { formatOf, type ParsableBody, parsable, readBody } from './body.ts';
import type { BodyBuffers } from './body_buffers.ts';
import { Cancellation, type CancelSignal } from './cancellation.ts';
import type { Deadlines } from './deadlines.ts';
import { scrapeErrors } from './errors.ts';
import type { HttpFetcher } from './fetcher.ts';
import { type ScrapeHeaders, scrapeHeaders } from './http.ts';
import type { ScrapeJob } from './job.ts';
import type { BodyOutcome, LimitHit } from './outcome.ts';
import type { ScrapePacer } from './pacer.ts';
import { ScrapeReport } from './report.ts';
import { createSchedule, nextSlot, type Schedule, slotMonotonic, slotTime } from './schedule.ts';
import { type TargetSpec, targetHash } from './target.ts';
import type { ScrapeTelemetry } from './telemetry.ts';

export type TargetHealth = 'unknown' | 'up' | 'down';

/** What is known about a target from its last scrape. Times in milliseconds; `lastScrape` is null before the first. */
export interface TargetState {
  readonly health: TargetHealth;
  readonly lastError: string;
  readonly lastScrape: number | null;
  readonly lastDurationMs: number;
  /** Limits that left some of the last scrape's samples out; the rest was stored. */
  readonly limits: readonly LimitHit[];
}

export interface LoopDeps {
  readonly clock: Clock;
  readonly sink: SampleSink;
  readonly tenant: string;
  readonly fetcher: HttpFetcher;
  readonly readText: ReadText;
  readonly buffers: BodyBuffers;
  readonly pacer: ScrapePacer;
  readonly deadlines: Deadlines;
  readonly telemetry: ScrapeTelemetry;
  readonly log: Log;
  /** Why the job's targets may not be scraped at all; null when they may. */
  readonly refusal: () => PharosError | null;
  /** Called after each scrape, for those who watch target health. */
  readonly onScrape: (target: TargetSpec, state: TargetState) => void;
}

/** How long past two missed scrapes the end of a removed target is held back, as part of its interval. */
const END_GRACE = 1.1;

/** How long a target that never answered may be starting itself: until then it is not told of that it cannot be reached. */
const START_GRACE_MS = 30_000;

/** How long scraped samples may wait for those of other targets, so that many scrapes share one write and one fsync. */
const COMMIT_PATIENCE_MS = 200;

/**
 * Scrapes one target in its slots until stopped. At most one scrape is under way; it ends by the timeout, so a hung target
 * costs nobody anything but itself.
 *
 *     slot ──> fetch ──> read ──> parse into an appender ──ok──> + vanished are stale ──┐
 *                 └── any failure ──> roll back, every live series is stale, up = 0 ────┴──> + report ──> commit
 */
export class ScrapeLoop {
  readonly target: TargetSpec;
  readonly job: ScrapeJob;
  readonly #deps: LoopDeps;
  readonly #series: TargetSeries;
  readonly #report: ScrapeReport;
  #state: TargetState = { health: 'unknown', lastError: '', lastScrape: null, lastDurationMs: 0, limits: [] };
  #schedule: Schedule;
  #timer: Timer | null = null;
  #headers: ScrapeHeaders | null = null;
  /** When it became a target; null once it has answered. */
  #awaitedSince: number | null;
  /** The failure that was logged last; empty while it is well. */
  #toldError = '';
  #running: Promise<void> = Promise.resolve();
  readonly #stop = new Cancellation();

  constructor(target: TargetSpec, job: ScrapeJob, series: TargetSeries, deps: LoopDeps) {
    this.target = target;
    this.job = job;
    this.#series = series;
    this.#deps = deps;
    this.#report = new ScrapeReport(target.labels);
    const now = this.#now();
    this.#schedule = createSchedule(target.intervalMs, targetHash(target.key), now);
    this.#awaitedSince = now.monotonic;
  }

  get state(): TargetState {
    return this.#state;
  }

  get series(): TargetSeries {
    return this.#series;
  }

  /** Takes over the live series and the state of a stopped loop of the same target. */
  continueFrom(replaced: ScrapeLoop): void {
    this.#series.inherit(replaced.series.liveRefs());
    this.#state = replaced.state;
    this.#awaitedSince = replaced.#awaitedSince;
    this.#toldError = replaced.#toldError;
  }

  start(): void {
    if (!this.#stop.aborted) this.#arm(0);
  }

  /** Ends the loop and a scrape under way. Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stop.abort(scrapeErrors.make('stopped', 'the target is gone'));
    await this.#running;
  }

  /**
   * After `stop`: writes the target's staleness markers once two more scrapes would have been due, so that a target that
   * comes back meanwhile (cancel the timer) shows no gap.
   */
  scheduleEnd(done: () => void): Timer {
    const { clock } = this.#deps;
    const next = slotMonotonic(this.#schedule, nextSlot(this.#schedule, clock.monotonic()));
    const untilNext = next - clock.monotonic();
    return clock.after(untilNext + this.target.intervalMs * END_GRACE, () => {
      const staleTime = Math.round(clock.now() - this.target.intervalMs * END_GRACE);
      void this.#writeEnd(staleTime).finally(done);
    });
  }

  #now(): { wall: number; monotonic: number } {
    return { wall: this.#deps.clock.now(), monotonic: this.#deps.clock.monotonic() };
  }

  #arm(slot: number): void {
    this.#timer = this.#deps.pacer.at(slotMonotonic(this.#schedule, slot), (done) => {
      this.#running = this.#runSlot(slot, done);
    });
  }

  async #runSlot(slot: number, done: () => void): Promise<void> {
    const now = this.#now();
    this.#deps.telemetry.lag(Math.max(0, now.monotonic - slotMonotonic(this.#schedule, slot)) / 1000);
    const { timestamp, schedule } = slotTime(this.#schedule, slot, now);
    this.#schedule = schedule;
    await this.#scrape(timestamp, done);
    if (this.#stop.aborted) return;
    // A slot may run a hair early: it must not come twice.
    this.#arm(Math.max(slot + 1, nextSlot(this.#schedule, this.#deps.clock.monotonic())));
  }

  /** `done` is called when the target's answer is parsed, before the samples are durable. */
  async #scrape(timestamp: number, done: () => void): Promise<void> {
    const { clock, sink, tenant, telemetry } = this.#deps;
    const started = clock.monotonic();
    let appender = sink.appender({ tenant });
    let outcome: BodyOutcome | null = null;
    let wireBytes = 0;
    let failure: PharosError | null = null;
    try {
      const body = await this.#withDeadline((signal) => this.#fetch(signal));
      wireBytes = body.wireBytes;
      outcome = await this.#series.append(body, timestamp, appender);
      this.#deps.buffers.give(body.bytes);
      failure = problemError(outcome);
    } catch (error) {
      failure = asScrapeError(error);
    } finally {
      done();
    }
    if (this.#stop.aborted) {
      appender.rollback();
      return;
    }
    const durationMs = clock.monotonic() - started;
    let stale: number;
    if (failure === null) {
      stale = this.#series.markVanished(timestamp, appender);
    } else {
      appender.rollback();
      appender = sink.appender({ tenant });
      stale = this.#series.markAllStale(timestamp, appender);
    }
    this.#report.append(
      {
        up: failure === null ? 1 : 0,
        scrape_duration_seconds: durationMs / 1000,
        scrape_samples_scraped: outcome?.scraped ?? 0,
        scrape_samples_post_metric_relabeling: outcome?.kept ?? 0,
        scrape_series_added: failure === null ? (outcome?.seriesAdded ?? 0) : 0,
      },
      timestamp,
      appender,
    );
    telemetry.scraped(
      failure === null ? 'ok' : failure.code.slice(failure.code.indexOf('.') + 1),
      durationMs / 1000,
      wireBytes,
    );
    if (outcome !== null) telemetry.body(outcome);
    await this.#commit(appender, failure === null, stale);
    this.#tell(failure, limitsOf(outcome, failure), timestamp, durationMs);
  }

  async #commit(
    appender: ReturnType<SampleSink['appender']>,
    exposed: boolean,
    stale: number,
  ): Promise<void> {
    const { telemetry, log } = this.#deps;
    try {
      await appender.commit({ patienceMs: Math.min(COMMIT_PATIENCE_MS, this.target.intervalMs / 5) });
      this.#series.settle(exposed);
      telemetry.stale(stale);
    } catch (error) {
      telemetry.commitFailed();
      log.warn(
        { target: this.target.url, job: this.job.name, error: messageOf(error) },
        'scraped samples could not be stored',
      );
    }
  }

  async #fetch(signal: CancelSignal): Promise<ParsableBody> {
    const { job, target } = this;
    const { buffers } = this.#deps;
    const refusal = this.#deps.refusal();
    if (refusal !== null) throw refusal;
    const headers = this.#headers ?? (await this.#readHeaders());
    const response = await this.#deps.fetcher.fetch({
      url: target.url,
      headers,
      followRedirects: job.config.follow_redirects,
      bodyLimit: job.bodyLimit,
      buffers: this.#deps.buffers,
      signal,
    });
    if (response.status !== 200) {
      throw scrapeErrors.make('status', `server returned HTTP status ${response.status}`);
    }
    const format = formatOf(response.header('content-type'), job.config.fallback_scrape_protocol);
    return parsable(await readBody(response, job.bodyLimit, buffers), format, job.histograms, buffers);
  }

  /** Headers that no file decides are made once. */
  async #readHeaders(): Promise<ScrapeHeaders> {
    const headers = await scrapeHeaders(this.job, this.target.timeoutMs, this.#deps.readText);
    if (!readsFiles(this.job.config)) this.#headers = headers;
    return headers;
  }

  /** Runs work that must end by the target's timeout or the loop's stop, even when the work ignores its signal. */
  #withDeadline<T>(work: (signal: CancelSignal) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = new Cancellation();
      const { timeoutMs } = this.target;
      const end = (reason: unknown): void => {
        reject(reason);
        deadline.abort(reason);
      };
      const onStop = (): void => end(this.#stop.reason);
      const timer = this.#deps.deadlines.after(timeoutMs, () =>
        end(scrapeErrors.make('timeout', `no complete answer within ${timeoutMs / 1000} s`)),
      );
      this.#stop.addEventListener('abort', onStop);
      const tidy = (): void => {
        timer.cancel();
        this.#stop.removeEventListener('abort', onStop);
      };
      work(deadline).then(
        (result) => {
          tidy();
          resolve(result);
        },
        (error: unknown) => {
          tidy();
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        },
      );
    });
  }

  async #writeEnd(timestamp: number): Promise<void> {
    const { sink, tenant, log, telemetry } = this.#deps;
    const appender = sink.appender({ tenant });
    const stale = this.#series.markAllStale(timestamp, appender);
    this.#report.appendStale(timestamp, appender);
    try {
      await appender.commit();
      telemetry.stale(stale);
    } catch (error) {
      telemetry.commitFailed();
      log.warn(
        { target: this.target.url, error: messageOf(error) },
        'the end of a removed target could not be stored',
      );
    }
  }

  #tell(
    failure: PharosError | null,
    limits: readonly LimitHit[],
    timestamp: number,
    durationMs: number,
  ): void {
    const before = this.#state;
    this.#state = {
      health: failure === null ? 'up' : 'down',
      lastError: failure?.message ?? '',
      lastScrape: timestamp,
      lastDurationMs: durationMs,
      limits,
    };
    for (const hit of limits) this.#meet(before, hit);
    this.#log(failure);
    this.#deps.onScrape(this.target, this.#state);
  }

  /** A failure is logged when it comes and when it changes. */
  #log(failure: PharosError | null): void {
    if (failure === null) {
      this.#awaitedSince = null;
      this.#toldError = '';
      return;
    }
    if (failure.message === this.#toldError || this.#mayBeStarting(failure)) return;
    this.#toldError = failure.message;
    this.#deps.log.info(
      { target: this.target.url, job: this.job.name, reason: failure.code, error: failure.message },
      'scrape failed',
    );
  }

  /** What starts together with Pharos is asked before it listens: that is no failure yet. */
  #mayBeStarting(failure: PharosError): boolean {
    return (
      this.#awaitedSince !== null &&
      this.#deps.clock.monotonic() - this.#awaitedSince < START_GRACE_MS &&
      (scrapeErrors.is(failure, 'connect') || scrapeErrors.is(failure, 'timeout'))
    );
  }

  /** A limit is logged when the target meets it, not with every scrape. */
  #meet(before: TargetState, hit: LimitHit): void {
    const { limit, samples, message } = hit;
    this.#deps.telemetry.limited(hit);
    if (before.limits.some((hit) => hit.limit === limit)) return;
    this.#deps.log.warn(
      { target: this.target.url, job: this.job.name, limit, samples, message },
      'a limit leaves samples of a target out',
    );
  }
}

/** The limits that fail a whole scrape. */
const FATAL_LIMITS = [
  ['body_too_large', 'body_size_limit'],
  ['sample_limit', 'sample_limit'],
  ['target_limit', 'target_limit'],
] as const;

function limitsOf(outcome: BodyOutcome | null, failure: PharosError | null): readonly LimitHit[] {
  const met = outcome?.limits ?? [];
  if (outcome?.problem?.reason === 'too_long')
    return [...met, { limit: 'line_length', samples: outcome.scraped, message: outcome.problem.message }];
  const fatal = FATAL_LIMITS.find(([code]) => scrapeErrors.is(failure, code));
  if (fatal === undefined || failure === null) return met;
  return [...met, { limit: fatal[1], samples: outcome?.scraped ?? 0, message: failure.message }];
}

function problemError(outcome: BodyOutcome): PharosError | null {
  const { problem } = outcome;
  if (problem === null) return null;
  const name =
    problem.reason === 'sample_limit' || problem.reason === 'invalid_series' ? problem.reason : 'parse';
  return scrapeErrors.make(name, problem.message);
}

/** Anything a fetch can throw that is not ours yet is a broken connection: the body ended early, the socket died. */
function asScrapeError(error: unknown): PharosError {
  if (error instanceof PharosError) return error;
  return scrapeErrors.make('connect', `the connection broke: ${messageOf(error)}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
