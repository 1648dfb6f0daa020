import { compareText, type Labels, type Matcher } from '@pharos/promql';
import { type Engine, engineErrors } from '../../engine/index.ts';
import type { Head } from './head/head.ts';
import { namesAmong, valuesAmong } from './head/label-texts.ts';
import { slotOf } from './head/series-pages.ts';
import { dayOf } from './rows.ts';
import { keyText } from './series-key.ts';
import type { DaysQuery, SeriesDirectory } from './series-lookup.ts';

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
    const found = this.#recent(request);
    const warnings = await this.#olderSeries(request, (key, labels) => found.set(key, labels), signal);
    return { items: [...found.values()], warnings };
  }

  #olderSeries(
    request: LabelRequest,
    take: (key: string, labels: Labels) => unknown,
    signal?: AbortSignal,
  ): Promise<readonly string[]> {
    return this.#older(request, async (window) => {
      for (const matchers of setsOf(request)) {
        const generation = this.#deps.head.engineGeneration;
        const stored = await this.#deps.series.find({ ...window, matchers, generation }, signal);
        for (const { key, labels } of stored) take(keyText(key), labels);
      }
    });
  }

  /** Label names, or values of one, of the head's series: from the index, not series by series. */
  #recentTexts({ tenant, matcherSets, start, end }: LabelRequest, name: string | undefined): Set<string> {
    const { head } = this.#deps;
    const index = head.indexOf(tenant);
    const texts = new Set<string>();
    if (index === undefined) return texts;
    const accepts = (ref: number): boolean => head.isActive(ref, start - 1, end);
    const selections =
      matcherSets.length === 0
        ? [undefined]
        : matcherSets.map((matchers) => head.selection(tenant, matchers)?.refs);
    for (const refs of selections) {
      const among = { refs, accepts };
      const found = name === undefined ? namesAmong(index, among) : valuesAmong(index, name, among);
      for (const text of found) texts.add(text);
    }
    return texts;
  }

  names(request: LabelRequest, signal?: AbortSignal): Promise<LabelAnswer<string>> {
    return this.#texts(
      request,
      undefined,
      (labels, add) => {
        const { pairs } = labels;
        for (let i = 0; i < pairs.length; i += 2) add(pairs[i] ?? '');
      },
      signal,
    );
  }

  values(request: LabelRequest, name: string, signal?: AbortSignal): Promise<LabelAnswer<string>> {
    return this.#texts(
      request,
      name,
      (labels, add) => {
        if (labels.has(name)) add(labels.get(name));
      },
      signal,
    );
  }

  async #texts(
    request: LabelRequest,
    name: string | undefined,
    take: (labels: Labels, add: (text: string) => void) => void,
    signal?: AbortSignal,
  ): Promise<LabelAnswer<string>> {
    const texts = this.#recentTexts(request, name);
    const add = (text: string): void => void texts.add(text);
    let warnings: readonly string[];
    if (request.matcherSets.length > 0) {
      warnings = await this.#olderSeries(request, (_key, labels) => take(labels, add), signal);
    } else {
      warnings = await this.#older(request, async (window) => {
        // Without matchers the engine can tell the texts apart itself: no label set crosses over.
        for (const text of await this.#deps.series.texts(window, name, signal)) add(text);
      });
    }
    return { items: [...texts].sort(compareText), warnings };
  }

  #recent(request: LabelRequest): Map<string, Labels> {
    const { head } = this.#deps;
    const found = new Map<string, Labels>();
    for (const matchers of setsOf(request)) {
      for (const ref of head.select(request.tenant, matchers, request.start - 1, request.end)) {
        const key = head.pageOf(ref)?.keyAt(slotOf(ref));
        const labels = head.labelsOf(ref);
        if (key !== undefined && labels !== undefined) found.set(keyText(key), labels);
      }
    }
    return found;
  }

  /** Asks the engine for what is older than the head; a warning when it is not there. */
  async #older(request: LabelRequest, ask: (window: DaysQuery) => Promise<void>): Promise<readonly string[]> {
    const { head, engine } = this.#deps;
    if (request.start >= head.floor) return [];
    const to = Math.min(request.end, head.floor - 1);
    try {
      if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
      await ask({ tenant: request.tenant, fromDay: clampDay(request.start), toDay: clampDay(to) });
      return [];
    } catch (error) {
      if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
      return ['storage: only recent series are in this answer: the engine is not available'];
    }
  }
}

function setsOf(request: LabelRequest): readonly (readonly Matcher[])[] {
  return request.matcherSets.length === 0 ? [[]] : request.matcherSets;
}

/** Days the engine's Date type can hold. */
function clampDay(timestamp: number): number {
  return Math.min(65_535, Math.max(0, dayOf(timestamp)));
}
