import { Labels, METRIC_NAME } from '@pharos/promql';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { ProbeSample } from './probers/types.ts';

/** What probes write their series by: the metrics store, as far as it is needed. Refs are -1 where a limit refused the series. */
export interface SeriesStore {
  appender(tenant: string): {
    resolve(labels: Labels): number;
    append(ref: number, timestamp: number, value: number): boolean;
    appendStale(ref: number, timestamp: number): boolean;
    commit(): Promise<unknown>;
  };
}

/** The job that all series of probes have. */
export const PROBE_JOB = 'probes';

/** The series of one probe; refs are kept, so that a known series costs no labels. */
export class ProbeSeries {
  readonly tenant: string;
  readonly #base: Labels;
  readonly #refs = new Map<string, { readonly labels: Labels; ref: number }>();
  #newest = Number.NEGATIVE_INFINITY;

  constructor(tenant: string, labels: Readonly<Record<string, string>>) {
    this.tenant = tenant;
    this.#base = Labels.fromRecord(labels);
  }

  /** Epoch ms of the newest sample. */
  get newest(): number {
    return this.#newest;
  }

  append(
    samples: readonly ProbeSample[],
    timestamp: number,
    appender: ReturnType<SeriesStore['appender']>,
  ): void {
    this.#newest = Math.max(this.#newest, timestamp);
    for (const { name, labels, value, detail } of samples) {
      if (detail === true || Number.isNaN(value)) continue;
      const key = labels === undefined ? name : `${name}\u0000${Object.values(labels).join('\u0000')}`;
      let known = this.#refs.get(key);
      if (known === undefined) {
        let full = this.#base.with(METRIC_NAME, name);
        for (const [label, text] of Object.entries(labels ?? {})) full = full.with(label, text);
        this.#refs.set(key, (known = { labels: full, ref: -1 }));
      }
      if (known.ref >= 0 && appender.append(known.ref, timestamp, value)) continue;
      known.ref = appender.resolve(known.labels);
      if (known.ref >= 0) appender.append(known.ref, timestamp, value);
    }
  }

  /** Nobody looks any more: every series ends, behind its newest sample, whose time is taken. */
  end(timestamp: number, appender: ReturnType<SeriesStore['appender']>): void {
    const at = Math.max(timestamp, this.#newest + 1);
    for (const { ref } of this.#refs.values()) if (ref >= 0) appender.appendStale(ref, at);
    this.#refs.clear();
  }

  /** One series ends, as {@link end}, until it has a sample again. */
  endOne(name: string, timestamp: number, appender: ReturnType<SeriesStore['appender']>): void {
    const ref = this.#refs.get(name)?.ref ?? -1;
    if (ref >= 0) appender.appendStale(ref, Math.max(timestamp, this.#newest + 1));
  }
}

/** Results of so long become durable together. */
const COMMIT_MS = 250;

export interface SeriesWriterDeps {
  readonly clock: Clock;
  readonly store: SeriesStore;
  readonly failed: (error: unknown, results: number) => void;
}

/** Writes what many probes bring with one commit of each tenant. */
export class SeriesWriter {
  readonly #deps: SeriesWriterDeps;
  readonly #open = new Map<
    string,
    { readonly appender: ReturnType<SeriesStore['appender']>; results: number }
  >();
  readonly #commits = new Set<Promise<void>>();
  #timer: Timer | null = null;

  constructor(deps: SeriesWriterDeps) {
    this.#deps = deps;
  }

  write(series: ProbeSeries, samples: readonly ProbeSample[], timestamp: number): void {
    series.append(samples, timestamp, this.#appender(series.tenant));
  }

  end(series: ProbeSeries, timestamp: number): void {
    series.end(timestamp, this.#appender(series.tenant));
  }

  endOne(series: ProbeSeries, name: string, timestamp: number): void {
    series.endOne(name, timestamp, this.#appender(series.tenant));
  }

  /** Resolves when everything written so far is durable or given up. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    for (const [tenant, { appender, results }] of this.#open) {
      this.#open.delete(tenant);
      const commit = appender.commit().then(
        () => {},
        (error: unknown) => this.#deps.failed(error, results),
      );
      this.#commits.add(commit);
      void commit.then(() => this.#commits.delete(commit));
    }
    await Promise.all(this.#commits);
  }

  #appender(tenant: string): ReturnType<SeriesStore['appender']> {
    let open = this.#open.get(tenant);
    if (open === undefined)
      this.#open.set(tenant, (open = { appender: this.#deps.store.appender(tenant), results: 0 }));
    open.results++;
    this.#timer ??= this.#deps.clock.after(COMMIT_MS, () => void this.flush());
    return open.appender;
  }
}
