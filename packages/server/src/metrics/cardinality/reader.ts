import { LRUCache } from 'lru-cache';
import type { Engine } from '../../engine/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { MetricMetadata } from '../sink.ts';
import { dayOf } from '../store/rows.ts';
import type { MetricsStore } from '../store/store.ts';
import { type Growth, readGrowth } from './growth.ts';
import { type CardinalityReport, countSeries } from './report.ts';
import { countSelection, type SelectionCount, type SelectionQuestion } from './selection.ts';

/** Entries of each list that are counted; a page shows fewer. */
const MOST = 200;
const REPORT_KEPT_MS = 15_000;
const GROWTH_KEPT_MS = 300_000;

export interface CardinalityDeps {
  readonly store: Pick<MetricsStore, 'active' | 'metadata'>;
  readonly engine: Engine;
  readonly clock: Clock;
  /** Active series a tenant may have. */
  readonly seriesLimit: number;
}

export interface FoundMetric extends Partial<MetricMetadata> {
  readonly name: string;
  readonly series: number;
}

/** Suffixes of series that belong to a family of another name. */
const FAMILY_SUFFIX = /_(?:bucket|count|sum|total|created|info)$/;

/** Answers questions about cardinality; a count is made once for everybody who asks within seconds. */
export class CardinalityReader {
  readonly seriesLimit: number;
  readonly #deps: CardinalityDeps;
  readonly #reports = new Kept<CardinalityReport>(REPORT_KEPT_MS);
  readonly #growth = new Kept<Growth>(GROWTH_KEPT_MS);

  constructor(deps: CardinalityDeps) {
    this.#deps = deps;
    this.seriesLimit = deps.seriesLimit;
  }

  report(tenant: string): Promise<CardinalityReport> {
    const { store, clock } = this.#deps;
    return this.#reports.get(tenant, clock.now(), () =>
      countSeries(store.active(tenant), { clock, most: MOST }),
    );
  }

  growth(tenant: string, days: number): Promise<Growth> {
    const { engine, clock } = this.#deps;
    return this.#growth.get(`${days} ${tenant}`, clock.now(), () =>
      readGrowth(engine, { tenant, today: dayOf(clock.now()), days, most: MOST }),
    );
  }

  selection(tenant: string, question: SelectionQuestion, signal?: AbortSignal): Promise<SelectionCount> {
    const { store, clock } = this.#deps;
    return countSelection(store.active(tenant), question, {
      clock,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Active metrics by name, those with most series first, with what their targets say of them. */
  metrics(
    tenant: string,
    search: string,
    most: number,
  ): { matching: number; total: number; metrics: FoundMetric[] } {
    const active = this.#deps.store.active(tenant);
    const words = search
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const families = this.#deps.store.metadata.families(tenant);
    const found: FoundMetric[] = [];
    for (const [name, series] of active.values('__name__')) {
      const described = families.get(name)?.[0] ?? families.get(name.replace(FAMILY_SUFFIX, ''))?.[0];
      const text = `${name} ${described?.help ?? ''}`.toLowerCase();
      if (words.every((word) => text.includes(word))) found.push({ name, series, ...described });
    }
    found.sort((a, b) => b.series - a.series || (a.name < b.name ? -1 : 1));
    return { matching: found.length, total: active.valueCount('__name__'), metrics: found.slice(0, most) };
  }

  /** How many active series each of the tenants has. */
  sizes(tenants: readonly string[]): { tenant: string; series: number }[] {
    return tenants
      .map((tenant) => ({ tenant, series: this.#deps.store.active(tenant).size }))
      .sort((a, b) => b.series - a.series || (a.tenant < b.tenant ? -1 : 1));
  }
}

/** Answers by key for a while, also those under way; a failure is forgotten. */
class Kept<T> {
  readonly #answers = new LRUCache<string, { readonly at: number; readonly answer: Promise<T> }>({
    max: 100,
  });
  readonly #keepMs: number;

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get(key: string, now: number, make: () => Promise<T>): Promise<T> {
    const kept = this.#answers.get(key);
    if (kept !== undefined && now - kept.at < this.#keepMs && now >= kept.at) return kept.answer;
    const answer = make();
    this.#answers.set(key, { at: now, answer });
    answer.catch(() => {
      if (this.#answers.get(key)?.answer === answer) this.#answers.delete(key);
    });
    return answer;
  }
}
