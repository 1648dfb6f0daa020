import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  createQueryEngine,
  isStaleMarker,
  Labels,
  METRIC_NAME,
  parseExpr,
  type Queryable,
  QueryError,
  type SeriesColumns,
  writeStaleMarker,
} from '@pharos/promql';
import { ManualClock } from '../../../kernel/clock.ts';
import { type Log, silentLog } from '../../../kernel/log.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { type MemorySample, MemorySink } from '../../../metrics/testing/memory_sink.ts';
import { RuleManager, type RuleSettings } from '../manager.ts';
import { createRuleQuery } from '../rule-query.ts';
import type { RuleSample } from '../state/evaluate.ts';
import type { OutgoingAlert } from '../state/sending.ts';

/** A whole minute. */
const START = Date.UTC(2026, 0, 1, 12, 0, 0);

/** What a sink holds, to be queried. */
function queryableOf(sink: MemorySink): Queryable {
  return {
    select: ({ matchers, startExclusive, end }) => {
      const bySeries = new Map<string, MemorySample[]>();
      for (const sample of sink.samples) {
        if (sample.timestamp <= startExclusive || sample.timestamp > end) continue;
        if (!matchers.every((matcher) => matcher.matches(sample.labels.get(matcher.name)))) continue;
        const { key } = sample.labels;
        const samples = bySeries.get(key);
        if (samples === undefined) bySeries.set(key, [sample]);
        else samples.push(sample);
      }
      return Promise.resolve({ series: [...bySeries.values()].map(columnsOf) });
    },
  };
}

function columnsOf(samples: readonly MemorySample[]): SeriesColumns {
  const sorted = samples.toSorted((a, b) => a.timestamp - b.timestamp);
  const values = new Float64Array(sorted.length);
  sorted.forEach(({ value, stale }, i) => {
    if (stale) writeStaleMarker(values, i);
    else values[i] = value;
  });
  return {
    labels: sorted[0]?.labels ?? Labels.EMPTY,
    timestamps: Float64Array.from(sorted, ({ timestamp }) => timestamp),
    values,
    from: 0,
    to: sorted.length,
  };
}

/** What an earlier process left. */
interface Before {
  readonly sink?: MemorySink;
  readonly aheadMs?: number;
  readonly log?: Log;
  /** What it told of. */
  readonly told?: readonly OutgoingAlert[];
}

/** A rule manager over memory, with files of its own and a clock that stands still until told. */
export class RulesBench {
  readonly clock = new ManualClock(START);
  readonly sink: MemorySink;
  readonly sent: OutgoingAlert[] = [];
  readonly manager: RuleManager;
  readonly telemetry = createTelemetry();
  readonly folder: string;
  /** What questions of log lines answer, by their text; those that are not here fail. */
  readonly logAnswers = new Map<string, readonly RuleSample[]>();
  /** What PromQL answers at a time. */
  readonly ask: (query: string, at: number) => Promise<readonly RuleSample[]>;
  #settings: RuleSettings;

  private constructor(folder: string, before: Before, settings: Partial<RuleSettings>) {
    const { sink = new MemorySink(), log = silentLog, told = [] } = before;
    this.folder = folder;
    this.sink = sink;
    this.#settings = {
      files: { promql: [join(folder, '*.yml')], logql: [join(folder, '*.loki')] },
      ready: { enabled: false, without: [] },
      made: {},
      intervalMs: 60_000,
      offsetMs: 0,
      externalLabels: {},
      resendMs: 60_000,
      toleranceMs: 3_600_000,
      graceMs: 600_000,
      ...settings,
    };
    const queryable = queryableOf(sink);
    const promql = createRuleQuery(createQueryEngine(), () => queryable);
    this.ask = (query, at) => promql({ query }, at, new AbortController().signal);
    this.manager = new RuleManager({
      clock: this.clock,
      log,
      telemetry: this.telemetry,
      queries: {
        promql,
        logql: ({ query }) => {
          const answer = this.logAnswers.get(query);
          return answer === undefined
            ? Promise.reject(new Error('the engine is not available'))
            : Promise.resolve(answer);
        },
      },
      queryable: () => queryable,
      store: { appender: () => sink.appender({ tenant: 'default' }) },
      parser: {},
      parse: (query) => {
        try {
          return parseExpr(query);
        } catch (error) {
          if (error instanceof QueryError) return undefined;
          throw error;
        }
      },
      breathe: () => Promise.resolve(),
      externalUrl: () => 'http://pharos.example/base',
      told: () => told,
      settings: this.#settings,
    });
    this.manager.onAlerts((alerts) => void this.sent.push(...alerts));
  }

  /** Starts at `START` with some rule files; a sink of another bench stands for what an earlier process wrote. */
  static async start(
    files: Readonly<Record<string, string>>,
    settings: Partial<RuleSettings> = {},
    before: Before = {},
  ): Promise<RulesBench> {
    const folder = await mkdtemp(join(tmpdir(), 'pharos-rules-'));
    const bench = new RulesBench(folder, before, settings);
    await bench.write(files);
    await bench.clock.advance(before.aheadMs ?? 0);
    await bench.manager.start();
    return bench;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, name)), { recursive: true });
      await writeFile(join(this.folder, name), text);
    }
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name));
  }

  /** Reads the files again, as a reload does; the answer is what is wrong with them. */
  async reload(settings: Partial<RuleSettings> = {}): Promise<readonly string[]> {
    this.#settings = { ...this.#settings, ...settings };
    const problems = await this.manager.prepare(this.#settings);
    if (problems.length === 0) await this.manager.apply();
    return problems;
  }

  /** Stores a sample now. */
  async sample(metric: string, value: number, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const appender = this.sink.appender({ tenant: 'default' });
    const ref = appender.resolve(Labels.fromRecord({ ...labels, [METRIC_NAME]: metric }));
    appender.append(ref, this.clock.now(), value);
    await appender.commit();
  }

  /** Lets time pass in steps short enough that every evaluation ends before the next is due. */
  async pass(ms: number, stepMs = 15_000): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await this.clock.advance(Math.min(stepMs, left));
      await this.settle();
    }
  }

  /** Lets everything end that needs no time to pass. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The newest sample of each series of a metric, without the name: `{labels} value`; stale ones are left out. */
  newest(metric: string): string[] {
    const byKey = new Map<string, MemorySample>();
    for (const sample of this.sink.samples)
      if (sample.labels.metricName === metric) {
        const known = byKey.get(sample.labels.key);
        if (known === undefined || known.timestamp <= sample.timestamp) byKey.set(sample.labels.key, sample);
      }
    return [...byKey.values()]
      .filter(({ stale, value }) => !stale && !isStaleMarker(value))
      .map(({ labels, value }) => `${labels.dropMetricName().toString()} ${value}`)
      .sort();
  }

  async close(): Promise<void> {
    await this.manager.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
