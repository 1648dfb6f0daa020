import { compareLabels, Labels, type Matcher } from '@pharos/promql';
import { type Engine, engineErrors, sql, table } from '../../../engine/index.ts';
import type { Exemplar } from '../../sink.ts';
import { exemplarsTable } from '../../tables.ts';
import { conditionOf, optionsOf, partsOf } from '../engine-parts.ts';
import type { Head } from '../head/head.ts';
import { slotOf } from '../head/series-pages.ts';
import { dayOf } from '../rows.ts';
import { keyText, type SeriesKey } from '../series-key.ts';
import { keyWords, type SeriesDirectory } from '../series-lookup.ts';
import type { ExemplarMemory } from './memory.ts';

export interface ExemplarRequest {
  readonly tenant: string;
  /** A series is asked for when all matchers of one of the sets accept it. */
  readonly matcherSets: readonly (readonly Matcher[])[];
  /** Inclusive times, ms. */
  readonly start: number;
  readonly end: number;
}

interface SeriesExemplars {
  readonly labels: Labels;
  /** In time order. */
  readonly exemplars: readonly Exemplar[];
}

export interface ExemplarAnswer {
  /** In label order. */
  readonly series: readonly SeriesExemplars[];
  readonly warnings: readonly string[];
}

interface Found {
  readonly key: SeriesKey;
  readonly labels: Labels;
  readonly exemplars: Map<string, Exemplar>;
}

/** Where flushed exemplars are read; the engine, or a test's own. */
export type ExemplarHistory = (
  request: Omit<ExemplarRequest, 'matcherSets'> & { readonly keys: readonly SeriesKey[] },
  signal?: AbortSignal,
) => Promise<readonly { readonly key: SeriesKey; readonly exemplar: Exemplar }[]>;

export interface ExemplarLookupDeps {
  readonly head: Head;
  readonly memory: ExemplarMemory;
  readonly engine: Pick<Engine, 'state'>;
  readonly series: SeriesDirectory;
  readonly history: ExemplarHistory;
  /** Whether a time of a series was deleted. */
  readonly hidesOf: (tenant: string) => (labels: Labels) => (timestamp: number) => boolean;
}

/** Newest exemplars one answer may hold. */
const MOST_EXEMPLARS = 100_000;

/** Exemplars over memory and engine. */
export class ExemplarLookup {
  readonly #deps: ExemplarLookupDeps;

  constructor(deps: ExemplarLookupDeps) {
    this.#deps = deps;
  }

  async find(request: ExemplarRequest, signal?: AbortSignal): Promise<ExemplarAnswer> {
    const found = new Map<string, Found>();
    const warnings: string[] = [];
    this.#fromMemory(request, found);
    try {
      await this.#fromEngine(request, found, warnings, signal);
    } catch (error) {
      if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
      warnings.push('storage: older exemplars are missing from this answer: the engine is not available');
    }
    const hides = this.#deps.hidesOf(request.tenant);
    const series = [...found.values()]
      .map(({ labels, exemplars }) => {
        const hidden = hides(labels);
        const left = [...exemplars.values()].filter(({ timestamp }) => !hidden(timestamp));
        return { labels, exemplars: left.sort((a, b) => a.timestamp - b.timestamp) };
      })
      .filter(({ exemplars }) => exemplars.length > 0)
      .sort((a, b) => compareLabels(a.labels, b.labels));
    return { series, warnings };
  }

  #fromMemory({ tenant, matcherSets, start, end }: ExemplarRequest, found: Map<string, Found>): void {
    const { head, memory } = this.#deps;
    for (const matchers of matcherSets) {
      for (const ref of head.selection(tenant, matchers)?.refs ?? []) {
        const page = head.pageOf(ref);
        const labels = head.labelsOf(ref);
        if (page === undefined || labels === undefined) continue;
        const series = seriesIn(found, page.keyAt(slotOf(ref)), labels);
        for (const exemplar of memory.of(ref))
          if (exemplar.timestamp >= start && exemplar.timestamp <= end)
            series.exemplars.set(identityOf(exemplar), exemplar);
      }
    }
  }

  async #fromEngine(
    { tenant, matcherSets, start, end }: ExemplarRequest,
    found: Map<string, Found>,
    warnings: string[],
    signal?: AbortSignal,
  ): Promise<void> {
    const { engine, series, head, history } = this.#deps;
    if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
    const days = { fromDay: Math.max(0, dayOf(start)), toDay: Math.max(0, dayOf(end)) };
    for (const matchers of matcherSets) {
      const stored = await series.find(
        { tenant, matchers, ...days, generation: head.engineGeneration },
        signal,
      );
      for (const { key, labels } of stored) seriesIn(found, key, labels);
    }
    const keys = [...found.values()].map(({ key }) => key);
    if (keys.length === 0) return;
    const rows = await history({ tenant, keys, start, end }, signal);
    for (const { key, exemplar } of rows)
      found.get(keyText(key))?.exemplars.set(identityOf(exemplar), exemplar);
    if (rows.length >= MOST_EXEMPLARS)
      warnings.push(`storage: only the newest ${MOST_EXEMPLARS} exemplars are in this answer`);
  }
}

function seriesIn(found: Map<string, Found>, key: SeriesKey, labels: Labels): Found {
  const id = keyText(key);
  let series = found.get(id);
  if (series === undefined) found.set(id, (series = { key, labels, exemplars: new Map() }));
  return series;
}

function identityOf({ labels, value, timestamp }: Exemplar): string {
  return `${timestamp} ${value} ${labels.key}`;
}

/** Reads flushed exemplars of the given series from the engine, the newest first. */
export function engineExemplars(engine: Engine): ExemplarHistory {
  return async ({ tenant, keys, start, end }, signal) => {
    const rows: { key: SeriesKey; exemplar: Exemplar }[] = [];
    for (const part of partsOf(keys)) {
      const limit = MOST_EXEMPLARS - rows.length;
      if (limit <= 0) break;
      const block = await engine.query(
        sql`SELECT metric, series, toFloat64(toUnixTimestamp64Milli(ts)) AS t, value, labels
          FROM ${table(exemplarsTable)}
          WHERE ${conditionOf(part, { from: start, to: end })} ORDER BY ts DESC LIMIT ${limit}`,
        { ...optionsOf(tenant, signal), purpose: 'metrics.exemplars' },
      );
      if (block.rows === 0) continue;
      const metrics = block.numbers('metric');
      const words = keyWords(block.column('series'));
      const times = block.numbers('t');
      const values = block.numbers('value');
      const { offsets, keys: names, values: texts } = block.map('labels');
      if (names.kind !== 'string' || texts.kind !== 'string')
        throw engineErrors.make('badQuery', 'the labels are no strings');
      for (let row = 0; row < block.rows; row++) {
        const pairs: string[] = [];
        for (let i = offsets[row - 1] ?? 0; i < (offsets[row] ?? 0); i++)
          pairs.push(names.data[i] ?? '', texts.data[i] ?? '');
        rows.push({
          key: { metric: metrics[row] ?? 0, low: words[row * 2] ?? 0, high: words[row * 2 + 1] ?? 0 },
          exemplar: {
            labels: Labels.fromSortedPairs(pairs),
            value: values[row] ?? 0,
            timestamp: times[row] ?? 0,
          },
        });
      }
    }
    return rows;
  };
}
