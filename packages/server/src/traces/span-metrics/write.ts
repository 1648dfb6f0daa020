import { BOUNDS, type Measured, type MeasuredNames, type MeasuredSet } from '../measured.ts';

/** Where samples go: one batch is one write. */
export interface SeriesWriter {
  describe(
    tenant: string,
    metric: string,
    about: { readonly type: 'counter' | 'histogram'; readonly help: string; readonly unit: string },
  ): void;
  batch(tenant: string): SeriesBatch;
}

interface SeriesBatch {
  /** A sample of the series with these labels (with `__name__`), whose counting began at `since`. Times in epoch ms. */
  sample(labels: Readonly<Record<string, string>>, time: number, value: number, since: number): void;
  /** An exemplar of the series of the sample before. */
  exemplar(traceId: string, value: number, time: number): void;
  /** The series ends. */
  end(labels: Readonly<Record<string, string>>, time: number): void;
  commit(): Promise<unknown>;
  /** Lets go of everything. */
  rollback(): void;
}

/** What is not used any more ends after this. */
const IDLE_MS = 15 * 60_000;

/** Writes one set of measured things as series. */
export interface MeasuredWriter {
  tenants(): Iterable<string>;
  /** Adds the series of a tenant to a batch; what it answers is to be called once the batch is stored. */
  write(tenant: string, batch: SeriesBatch, now: number): () => void;
}

export function measuredWriter<M extends Measured>(
  set: MeasuredSet<M>,
  writer: Pick<SeriesWriter, 'describe'>,
): MeasuredWriter {
  const written = new WeakSet<M>();
  const described = new Set<string>();
  return {
    tenants: () => set.tenants(),
    write(tenant, batch, now) {
      const isIdle = ({ usedAt }: M): boolean => now - usedAt >= IDLE_MS;
      const idle: M[] = [];
      const live: M[] = [];
      for (const measured of set.of(tenant)) {
        if (!described.has(tenant)) describe(writer, tenant, set.names);
        described.add(tenant);
        const labels = set.labelsOf(measured);
        if (isIdle(measured)) {
          idle.push(measured);
          eachSeries(set.names, labels, (one) => batch.end(one, now));
          continue;
        }
        // A counter that is there at once with what it counted first would hide it from `rate`: it begins at zero.
        if (!written.has(measured) && measured.since < now)
          writeSeries(batch, set.names, labels, measured, { time: measured.since, zero: true });
        writeSeries(batch, set.names, labels, measured, { time: now, zero: false });
        live.push(measured);
      }
      return () => {
        for (const measured of live) written.add(measured);
        // One that was used while it was written goes on.
        for (const measured of idle) if (isIdle(measured)) set.forget(tenant, measured);
      };
    },
  };
}

function describe(writer: Pick<SeriesWriter, 'describe'>, tenant: string, names: MeasuredNames): void {
  const { calls, failed, duration, what } = names;
  writer.describe(tenant, calls, { type: 'counter', help: `${what}.`, unit: '' });
  if (failed !== null)
    writer.describe(tenant, failed, { type: 'counter', help: `${what}: those that failed.`, unit: '' });
  writer.describe(tenant, duration, {
    type: 'histogram',
    help: `${what}: how long they took.`,
    unit: 'seconds',
  });
}

function writeSeries(
  batch: SeriesBatch,
  names: MeasuredNames,
  labels: Readonly<Record<string, string>>,
  measured: Measured,
  { time, zero }: { readonly time: number; readonly zero: boolean },
): void {
  const { since, counts, sum, failed, slowest } = measured;
  let total = 0;
  eachSeries(names, labels, (one, part) => {
    if (typeof part === 'number') total += counts[part] ?? 0;
    const value = part === 'sum' ? sum : part === 'failed' ? failed : total;
    batch.sample(one, time, zero ? 0 : value, since);
    if (zero || slowest === null || typeof part !== 'number') return;
    const bound = part < BOUNDS.length ? (BOUNDS[part] ?? 0) : Number.POSITIVE_INFINITY;
    const below = part === 0 ? -1 : (BOUNDS[part - 1] ?? 0);
    if (slowest.seconds > below && slowest.seconds <= bound) {
      batch.exemplar(slowest.traceId, slowest.seconds, time);
      measured.slowest = null;
    }
  });
}

/** A bucket by its place, or what else a series tells. */
type Part = number | 'total' | 'failed' | 'sum';

/** The buckets first, in order, so that their counts add up; then the counts, what failed, and the sum. */
function eachSeries(
  { calls, failed, duration }: MeasuredNames,
  labels: Readonly<Record<string, string>>,
  visit: (labels: Readonly<Record<string, string>>, part: Part) => void,
): void {
  for (let place = 0; place <= BOUNDS.length; place++)
    visit({ ...labels, __name__: `${duration}_bucket`, le: boundText(place) }, place);
  visit({ ...labels, __name__: `${duration}_count` }, 'total');
  visit({ ...labels, __name__: calls }, 'total');
  if (failed !== null) visit({ ...labels, __name__: failed }, 'failed');
  visit({ ...labels, __name__: `${duration}_sum` }, 'sum');
}

/** As Prometheus writes bounds: whole ones with a decimal. */
function boundText(place: number): string {
  const bound = BOUNDS[place];
  if (bound === undefined) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
