import { executionError } from '../errors.ts';
import type { Histogram } from '../histogram/histogram.ts';
import type { Labels } from '../labels.ts';
import { Labels as LabelSet, METRIC_NAME } from '../labels.ts';
import type { Matcher } from '../matcher.ts';
import type { VectorSelector } from '../parse/ast.ts';
import type { EvalContext } from './context.ts';
import { formatLabels, mergeEqualLabels } from './names.ts';
import type { Series, VectorValue } from './value.ts';
import { vectorOf } from './value.ts';

/** What tells a target: a series and the info series with the same ones belong together. */
const IDENTIFYING: readonly string[] = ['instance', 'job'];
const NEVER_DATA: ReadonlySet<string> = new Set([METRIC_NAME, ...IDENTIFYING]);

export interface InfoInput {
  readonly context: EvalContext;
  readonly base: VectorValue;
  /** Selects the info series; matchers of anything but the name also say which labels are wanted. */
  readonly selector: VectorSelector;
  /** Whether the query says which info metrics, or none at all (then `target_info`); not when it names labels only. */
  readonly named: boolean;
  readonly values: VectorValue;
  /** The same series with the times of their samples, in seconds. */
  readonly times: VectorValue;
}

interface InfoSeries {
  readonly labels: Labels;
  readonly times: Float64Array;
  readonly present: Uint8Array;
}

/**
 * `info(v, selector)`: each series with the labels of the info series of its target added at every step. Labels it has
 * itself stay; of several versions of one info series the newest counts.
 */
export async function infoJoin(input: InfoInput): Promise<VectorValue> {
  return new InfoJoin(input).run();
}

class InfoJoin {
  readonly #input: InfoInput;
  /** By target, then by name of the info metric. */
  readonly #byTarget = new Map<string, Map<string, InfoSeries[]>>();
  /** Labels that are wanted; all of them when none is named. */
  readonly #wanted: ReadonlySet<string>;
  /** Matchers of the info metrics' names as asked; none: what is asked about is never taken for an info series. */
  readonly #names: readonly Matcher[];
  /** A series without info is dropped: some wanted label must not be empty. */
  readonly #required: boolean;
  readonly #result = new Map<string, DraftSeries>();

  constructor(input: InfoInput) {
    this.#input = input;
    const data = input.selector.matchers.filter(({ name }) => name !== METRIC_NAME);
    this.#wanted = new Set(data.map(({ name }) => name));
    this.#required = data.some((matcher) => !matcher.matches(''));
    this.#names = input.named ? input.selector.matchers.filter(({ name }) => name === METRIC_NAME) : [];
    const known = this.#identities();
    for (const series of input.times.series) if (isOneOf(known, series.labels)) this.#register(series);
  }

  /** The values of each identifying label that some series has; info series are looked up by them. */
  #identities(): ReadonlyMap<string, ReadonlySet<string>> {
    const known = new Map<string, Set<string>>();
    for (const { labels } of this.#input.base.series) {
      if (this.#isInfo(labels)) continue;
      for (const name of IDENTIFYING) {
        const value = labels.get(name);
        if (value === '') continue;
        const values = known.get(name) ?? new Set();
        known.set(name, values.add(value));
      }
    }
    return known;
  }

  /** An info series is not enriched by others of its kind. */
  #isInfo(labels: Labels): boolean {
    return this.#names.length > 0 && this.#names.every((matcher) => matcher.matches(labels.metricName));
  }

  async run(): Promise<VectorValue> {
    const { context, base } = this.#input;
    for (const series of base.series) {
      const isInfo = this.#isInfo(series.labels);
      this.#enrich(series, isInfo ? undefined : this.#byTarget.get(targetOf(series.labels)), isInfo);
      if (context.budget.spend(series.present.length * 4 + 200)) await context.budget.pause();
    }
    const series = [...this.#result.values()].map(({ histograms, ...one }) =>
      histograms.length === 0 ? one : { ...one, histograms },
    );
    return mergeEqualLabels(context.budget, vectorOf(series, false));
  }

  #register({ labels, values, present }: Series): void {
    const target = targetOf(labels);
    const metrics = this.#byTarget.get(target) ?? new Map<string, InfoSeries[]>();
    this.#byTarget.set(target, metrics);
    metrics.set(labels.metricName, [
      ...(metrics.get(labels.metricName) ?? []),
      { labels, times: values, present },
    ]);
  }

  #enrich(series: Series, metrics: Map<string, InfoSeries[]> | undefined, isInfo: boolean): void {
    for (let step = 0; step < series.present.length; step++) {
      if (series.present[step] === 0) continue;
      const added = new Map<string, string>();
      let matched = false;
      for (const versions of metrics?.values() ?? []) {
        const newest = newestAt(versions, step);
        if (newest === undefined) continue;
        matched = true;
        this.#collect(series.labels, newest.labels, added);
      }
      if (!matched && this.#required && !isInfo) continue;
      this.#put(series, added, step);
    }
  }

  /** The data labels of one info series that the series does not have itself. */
  #collect(own: Labels, info: Labels, into: Map<string, string>): void {
    for (const [name, value] of info.toMap()) {
      if (NEVER_DATA.has(name) || (this.#wanted.size > 0 && !this.#wanted.has(name))) continue;
      const known = into.get(name);
      if (known !== undefined && known !== value) throw executionError(`conflicting label: ${name}`);
      if (!own.has(name)) into.set(name, value);
    }
  }

  #put(series: Series, added: ReadonlyMap<string, string>, step: number): void {
    const labels =
      added.size === 0 ? series.labels : LabelSet.fromMap(new Map([...series.labels.toMap(), ...added]));
    // Two series that get the same labels meet in the merge, not here.
    const key = `${series.labels.key}\u00ff${labels.key}`;
    const draft = this.#result.get(key) ?? {
      labels,
      dropName: series.dropName,
      values: new Float64Array(series.present.length),
      present: new Uint8Array(series.present.length),
      histograms: [],
    };
    this.#result.set(key, draft);
    draft.values[step] = series.values[step];
    draft.present[step] = 1;
    const histogram = series.histograms?.[step];
    if (histogram !== undefined) draft.histograms[step] = histogram;
  }
}

interface DraftSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly values: Float64Array;
  readonly present: Uint8Array;
  readonly histograms: (Histogram | undefined)[];
}

function isOneOf(known: ReadonlyMap<string, ReadonlySet<string>>, labels: Labels): boolean {
  return known.size > 0 && [...known].every(([name, values]) => values.has(labels.get(name)));
}

function targetOf(labels: Labels): string {
  return JSON.stringify(IDENTIFYING.map((name) => labels.get(name)));
}

function newestAt(versions: readonly InfoSeries[], step: number): InfoSeries | undefined {
  let newest: InfoSeries | undefined;
  for (const one of versions) {
    if (one.present[step] === 0) continue;
    if (newest !== undefined && newest.times[step] === one.times[step]) {
      const at = Math.round(one.times[step] * 1000);
      throw executionError(
        `found duplicate series for info metric: existing ${formatLabels(newest.labels)} @ ${at}, new ${formatLabels(one.labels)} @ ${at}`,
      );
    }
    if (newest === undefined || one.times[step] > newest.times[step]) newest = one;
  }
  return newest;
}
