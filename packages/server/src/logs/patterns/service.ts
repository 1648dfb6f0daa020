import { type Engine, engineErrors } from '../../engine/index.ts';
import type { Journal, StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Service } from '../../kernel/services.ts';
import { inSlices, type Sliced, sortSliced, visitSliced } from '../../kernel/sliced.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import { type LineChunk, readRow } from '../store/chunk.ts';
import { PatternChanges } from './changes.ts';
import type { PatternsConfig } from './config.ts';
import { DrainTree, type Template } from './drain.ts';
import { MEMORY_MS, MINUTE_MS, type PatternChange, type PatternDelta, PatternMiner } from './miner.ts';
import { loadPatterns, patternFrames, type StoredCount, storedCounts } from './rows.ts';
import { tokensOf } from './tokens.ts';

export interface PatternsDeps {
  readonly engine: Pick<Engine, 'query'>;
  readonly journal: Pick<Journal, 'append'>;
  readonly state: Pick<StateStore, 'get' | 'put' | 'tenants'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly config: PatternsConfig;
  readonly breathe: () => Promise<void>;
}

/** A pattern over a window. */
export interface PatternSeries {
  readonly service: string;
  readonly level: string;
  readonly pattern: string;
  readonly total: number;
  /** By minute, ms since the epoch, in order. */
  readonly minutes: readonly (readonly [minute: number, count: number])[];
}

export interface PatternAnswer {
  readonly patterns: readonly PatternSeries[];
  readonly warnings: readonly string[];
}

const TOO_MANY_SERVICES =
  'patterns: not every service and level is in this answer: more of them than logs.patterns.max_services have lines';

/** Chunks of lines that wait to be looked at. */
const MOST_WAITING = 64;
/** Lines between breaths. */
const SLICE = 250;
/** Minutes that are put in order between two breaths, a few ms. */
const MINUTES_PER_SLICE = 10_000;
const MOST_UNSAVED = 100_000;
/** Lines older than that are counted by nobody. */
const OLDEST_MS = 7 * 86_400_000;

/** Patterns of log lines: mined as lines become durable, counted by minute, stored each minute, known again after a restart. */
export class LogPatterns implements Service {
  readonly name = 'log-patterns';
  readonly dependsOn = ['logs-store', 'flusher', 'state'];
  readonly #deps: PatternsDeps;
  readonly #miner: PatternMiner;
  readonly #changes: PatternChanges;
  readonly #lines;
  readonly #writerId: number;
  #waiting: { readonly chunk: LineChunk; readonly weight: number }[] = [];
  #working: Promise<void> | null = null;
  /** Lines until the next breath. */
  #budget = SLICE;
  #unsaved: PatternDelta[] = [];
  #batch = 0;
  #allowance: number;
  #refilledAt: number;
  #timer: Timer | null = null;

  constructor(deps: PatternsDeps) {
    const { clock, config, telemetry } = deps;
    this.#deps = deps;
    this.#changes = new PatternChanges(deps.state);
    const changed = telemetry.counter({
      name: 'pharos_logs_pattern_changes_total',
      help: 'Patterns of log lines that appeared, vanished or returned.',
      labels: ['kind', 'service', 'level'],
    });
    this.#miner = new PatternMiner(
      { perService: config.max_per_service, services: config.max_services },
      (change) => {
        const { kind, service, level } = change;
        changed.inc({ kind, service, level });
        this.#changes.add(change);
      },
    );
    this.#writerId = Math.floor(clock.now()) % 2 ** 32;
    this.#allowance = config.lines_per_second;
    this.#refilledAt = clock.monotonic();
    telemetry.gauge({
      name: 'pharos_logs_patterns',
      help: 'Patterns of log lines in memory.',
      value: () => this.#miner.templates,
    });
    telemetry.gauge({
      name: 'pharos_logs_pattern_services',
      help: 'Services with levels whose lines are looked at for patterns, at most logs.patterns.max_services.',
      value: () => this.#miner.services,
    });
    telemetry.counter({
      name: 'pharos_logs_pattern_services_forgotten_total',
      help: 'Services with levels that had no lines for an hour and were let go for others.',
      collect: (counter) => {
        counter.reset();
        counter.inc(this.#miner.forgotten);
      },
    });
    this.#lines = telemetry.counter({
      name: 'pharos_logs_pattern_lines_total',
      help: 'Lines by what became of them on the way to a pattern.',
      labels: ['result'],
    });
  }

  async start(): Promise<void> {
    const { clock, config, engine, log } = this.#deps;
    if (!config.enabled) return;
    this.#changes.restore();
    try {
      for (const { pattern, first, last, ...key } of await loadPatterns(engine, clock.now()))
        this.#miner.restore(key, pattern, first, last);
    } catch (error) {
      log.warn({ err: error }, 'the patterns of an earlier process could not be read; they are mined anew');
    }
    this.#timer = clock.every(MINUTE_MS, () => {
      this.#miner.tick(clock.now());
      void this.save();
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.idle();
    await this.save();
  }

  /** Lines that became durable. Of more than may be looked at in a second, one of each n stands for n. */
  observe(chunk: LineChunk): void {
    const { clock, config } = this.#deps;
    if (!config.enabled) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#lines.inc({ result: 'skipped' }, chunk.rows);
      return;
    }
    const now = clock.monotonic();
    const refill = ((now - this.#refilledAt) / 1000) * config.lines_per_second;
    this.#allowance = Math.min(config.lines_per_second, this.#allowance + refill);
    this.#refilledAt = now;
    const weight = Math.max(
      1,
      Math.ceil(chunk.rows / Math.max(this.#allowance, config.lines_per_second / 100)),
    );
    this.#allowance -= chunk.rows / weight;
    this.#waiting.push({ chunk, weight });
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** Resolves when every line that was observed is counted. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** What appeared, vanished and returned, the newest first. */
  changes(tenant: string): readonly PatternChange[] {
    return this.#changes.of(tenant);
  }

  /** Patterns of a window of ms, the commonest first; without the engine those that memory has, with a warning. */
  async query(
    tenant: string,
    window: { readonly from: number; readonly to: number },
    isWanted: (service: string) => boolean,
    signal?: AbortSignal,
  ): Promise<PatternAnswer> {
    const { engine, clock, breathe } = this.#deps;
    await this.idle();
    const warnings: string[] = [];
    if (this.#miner.isPartial(clock.now())) warnings.push(TOO_MANY_SERVICES);
    // Memory has every minute from here on that this process counted lines of, also those of before its start.
    const since = Math.floor((clock.now() - MEMORY_MS) / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
    const merged = new Merged();
    const from = Math.floor(window.from / MINUTE_MS) * MINUTE_MS;
    const counted = [...this.#miner.patterns(tenant)].filter(({ service }) => isWanted(service));
    await inSlices(
      visitSliced(counted, ({ service, level, pattern, minutes }) => {
        for (const [minute, count] of minutes)
          if (minute >= Math.max(from, since) && minute < window.to)
            merged.add({ service, level, pattern, minute, count });
      }),
      breathe,
    );
    try {
      const stored = { from, to: window.to, since, writerId: this.#writerId };
      const counts = await storedCounts(engine, tenant, stored, signal);
      await inSlices(
        visitSliced(counts, (count) => {
          if (isWanted(count.service)) merged.add(count);
        }),
        breathe,
      );
    } catch (error) {
      if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
      warnings.push(
        'storage: only patterns of the last hour are in this answer: the engine is not available',
      );
    }
    return { patterns: await inSlices(merged.series(), breathe), warnings };
  }

  /** Makes the counts durable; what the journal refuses is tried again with the next. Never throws. */
  async save(): Promise<void> {
    const { journal, log } = this.#deps;
    await this.#changes.save().catch((error: unknown) => {
      log.warn({ err: error }, 'changes of patterns could not be kept');
    });
    const deltas = [...this.#unsaved, ...this.#miner.takeDeltas()].slice(-MOST_UNSAVED);
    this.#unsaved = [];
    if (deltas.length === 0) return;
    try {
      await journal.append(patternFrames(deltas, this.#writerId, ++this.#batch));
    } catch (error) {
      this.#unsaved = [...deltas, ...this.#unsaved];
      log.debug({ err: error }, 'counts of patterns are not durable yet');
    }
  }

  async #work(): Promise<void> {
    const { log } = this.#deps;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      // Nobody waits for this, who would hear of a failure: a line that cannot be looked at costs those it came with, and nothing else.
      await this.#learn(next).catch((error: unknown) => {
        this.#lines.inc({ result: 'failed' });
        log.error({ err: error }, 'log lines could not be looked at for patterns');
      });
      this.#waiting.shift();
    }
  }

  async #learn({ chunk, weight }: { readonly chunk: LineChunk; readonly weight: number }): Promise<void> {
    const { clock, random, breathe } = this.#deps;
    const now = clock.now();
    for (let first = 0; first < chunk.rows; first += weight) {
      // Any of them with the same chance: what comes every n-th line would otherwise be all of a pattern, or nothing.
      const row = first + Math.floor(random() * weight);
      if (row >= chunk.rows) break;
      if (--this.#budget <= 0) {
        this.#budget = SLICE;
        await breathe();
      }
      const at = chunk.ms[row] ?? now;
      if (at < now - OLDEST_MS) continue;
      const { service, level, message } = readRow(chunk, row);
      const taken = this.#miner.learn({ tenant: chunk.tenant, service, level }, message, at, now, weight);
      this.#lines.inc({ result: taken ? 'mined' : 'too_many_services' });
    }
  }
}

/** Counts of patterns from several sources: a pattern that has become more general since it was stored is the same. */
class Merged {
  readonly #trees = new Map<string, DrainTree>();
  readonly #counts = new Map<Template, { service: string; level: string; minutes: Map<number, number> }>();
  readonly #known = new Map<string, Template>();

  add({ service, level, pattern, minute, count }: StoredCount): void {
    const id = `${service}\u0000${level}`;
    const key = `${id}\u0000${pattern}`;
    let template = this.#known.get(key);
    if (template === undefined) {
      let tree = this.#trees.get(id);
      if (tree === undefined) this.#trees.set(id, (tree = new DrainTree(Number.POSITIVE_INFINITY)));
      template = tree.learn(tokensOf(pattern), minute).template;
      this.#known.set(key, template);
    }
    const entry = this.#counts.get(template) ?? { service, level, minutes: new Map<number, number>() };
    this.#counts.set(template, entry);
    entry.minutes.set(minute, (entry.minutes.get(minute) ?? 0) + count);
  }

  *series(): Sliced<PatternSeries[]> {
    const series: PatternSeries[] = [];
    let left = MINUTES_PER_SLICE;
    for (const [template, { service, level, minutes }] of this.#counts) {
      series.push({
        service,
        level,
        pattern: template.pattern,
        total: [...minutes.values()].reduce((sum, count) => sum + count, 0),
        minutes: [...minutes].sort(([a], [b]) => a - b),
      });
      left -= minutes.size + 1;
      if (left > 0) continue;
      left = MINUTES_PER_SLICE;
      yield;
    }
    return yield* sortSliced(series, (a, b) => b.total - a.total || (a.pattern < b.pattern ? -1 : 1));
  }
}
