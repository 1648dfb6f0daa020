import type { Labels, Matcher } from '@pharos/promql';
import { type Engine, engineErrors } from '../../engine/index.ts';
import type { Head } from './head/head.ts';
import { slotOf } from './head/series-pages.ts';
import { dayOf } from './rows.ts';
import { keyText } from './series-key.ts';
import type { SeriesDirectory } from './series-lookup.ts';

/** A question about labels: series that any of the matcher sets selects (none: all), active in [start, end] ms. */
export interface LabelRequest {
  readonly tenant: string;
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly start: number;
  readonly end: number;
}

export interface LabelAnswer<T> {
  readonly items: readonly T[];
  readonly warnings: readonly string[];
}

export interface LabelLookupDeps {
  readonly head: Head;
  readonly engine: Pick<Engine, 'state'>;
  readonly series: SeriesDirectory;
}

/** Label names, values and series over head and engine. The engine knows activity by day, the head by sample. */
export class LabelLookup {
  readonly #deps: LabelLookupDeps;

  constructor(deps: LabelLookupDeps) {
    this.#deps = deps;
  }

  async series(request: LabelRequest, signal?: AbortSignal): Promise<LabelAnswer<Labels>> {
    const { head, engine, series } = this.#deps;
    const found = new Map<string, Labels>();
    const sets = request.matcherSets.length === 0 ? [[]] : request.matcherSets;
    for (const matchers of sets) {
      for (const ref of head.select(request.tenant, matchers, request.start - 1, request.end)) {
        const key = head.pageOf(ref)?.keyAt(slotOf(ref));
        const labels = head.labelsOf(ref);
        if (key !== undefined && labels !== undefined) found.set(keyText(key), labels);
      }
    }
    if (request.start >= head.floor) return { items: [...found.values()], warnings: [] };
    const to = Math.min(request.end, head.floor - 1);
    try {
      if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
      for (const matchers of sets) {
        const stored = await series.find(
          {
            tenant: request.tenant,
            matchers,
            fromDay: clampDay(request.start),
            toDay: clampDay(to),
            generation: head.evictions,
          },
          signal,
        );
        for (const { key, labels } of stored) found.set(keyText(key), labels);
      }
    } catch (error) {
      if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
      const warning = 'storage: only recent series are in this answer: the engine is not available';
      return { items: [...found.values()], warnings: [warning] };
    }
    return { items: [...found.values()], warnings: [] };
  }

  async names(request: LabelRequest, signal?: AbortSignal): Promise<LabelAnswer<string>> {
    const { items, warnings } = await this.series(request, signal);
    const names = new Set<string>();
    for (const { pairs } of items) for (let i = 0; i < pairs.length; i += 2) names.add(pairs[i] ?? '');
    return { items: [...names].sort(), warnings };
  }

  async values(request: LabelRequest, name: string, signal?: AbortSignal): Promise<LabelAnswer<string>> {
    const { items, warnings } = await this.series(request, signal);
    const values = new Set<string>();
    for (const labels of items) if (labels.has(name)) values.add(labels.get(name));
    return { items: [...values].sort(), warnings };
  }
}

/** Days the engine's Date type can hold. */
function clampDay(timestamp: number): number {
  return Math.min(65_535, Math.max(0, dayOf(timestamp)));
}
