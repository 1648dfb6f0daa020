import { bucketsOf, Labels } from '@pharos/promql';
import {
  acrossTenants,
  dateTime64,
  type Engine,
  inList,
  type Sql,
  schemaVersionOf,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { hashRange } from '../store/engine-parts.ts';
import { eachWindow, selectWindows } from '../store/engine-windows.ts';
import type { RichWindow } from '../store/head/rich-window.ts';
import { DAY_MS } from '../store/rows.ts';
import type { SeriesKey } from '../store/series-key.ts';
import { yieldToLoop } from '../store/yield.ts';
import { samplesTable } from '../tables.ts';
import { RESOLUTIONS } from './resolutions.ts';
import { BucketRows } from './rows.ts';

/** Samples read at once: a few megabytes. */
const SAMPLES_PER_READ = 300_000;
/** Samples between two looks at the event loop: about 20 ms where each has a bucket of its own. */
const SAMPLES_PER_SLICE = 20_000;
const METRICS_PER_READ = 500;

const PURPOSE = 'metrics.downsample';

interface Share {
  readonly tenant: string;
  readonly metrics: readonly number[];
  /** How many ranges of the label hash it is read in. */
  readonly cuts: number;
}

export interface DayResult {
  readonly samples: number;
  /** Rows that repeat another one's series and time. */
  readonly repeated: number;
  /** By resolution, narrow to wide. */
  readonly rows: readonly number[];
}

/**
 * Computes the buckets of a day from all its samples and stores them under a new run number, a share of one tenant at a time. The
 * samples of the midnight that ends the day belong to it: buckets are left-open. Rejects with the engine's errors; what it stored
 * until then counts for nothing.
 */
export async function computeDay(
  engine: Engine,
  { day, run, signal }: { readonly day: number; readonly run: number; readonly signal: AbortSignal },
): Promise<DayResult> {
  const time = sql`ts > ${dateTime64(day * DAY_MS)} AND ts <= ${dateTime64((day + 1) * DAY_MS)}`;
  const writers = RESOLUTIONS.map(({ ms }) => new BucketRows(run, ms));
  const stored = RESOLUTIONS.map(() => 0);
  let samples = 0;
  let repeated = 0;
  const store = async (rest: boolean): Promise<void> => {
    for (const [i, { table: spec }] of RESOLUTIONS.entries()) {
      for (const { rows, payload } of writers[i]?.take(rest) ?? []) {
        const block = { table: spec, schemaVersion: schemaVersionOf(spec), rows, day, payload: [payload] };
        await engine.insert({ ...block, reconcile: false }, { purpose: PURPOSE, signal });
        stored[i] = (stored[i] ?? 0) + rows;
      }
    }
  };
  for (const share of await sharesOf(engine, time, signal)) {
    for (let cut = 0; cut < share.cuts; cut++) {
      const read = await readShare(engine, { share, cut, time, writers, signal });
      samples += read.samples;
      repeated += read.repeated;
      await store(false);
      await yieldToLoop();
      signal.throwIfAborted();
    }
  }
  await store(true);
  return { samples, repeated, rows: stored };
}

/** Metrics that are read together, each tenant's by themselves; big ones in several cuts. */
async function sharesOf(engine: Engine, time: Sql, signal: AbortSignal): Promise<readonly Share[]> {
  const block = await engine.query(
    sql`SELECT tenant, metric, toFloat64(count()) AS n FROM ${table(samplesTable)} WHERE ${time}${acrossTenants}
      GROUP BY tenant, metric ORDER BY tenant, metric`,
    { purpose: PURPOSE, tenant: '', limits: 'background', signal },
  );
  const metrics = block.numbers('metric');
  const counts = block.numbers('n');
  const shares: Share[] = [];
  let open: { tenant: string; metrics: number[]; samples: number } | undefined;
  block.strings('tenant').forEach((tenant, row) => {
    const metric = metrics[row];
    const count = counts[row];
    if (count > SAMPLES_PER_READ) {
      shares.push({ tenant, metrics: [metric], cuts: Math.ceil(count / SAMPLES_PER_READ) });
      return;
    }
    const fits =
      open?.tenant === tenant &&
      open.samples + count <= SAMPLES_PER_READ &&
      open.metrics.length < METRICS_PER_READ;
    if (open !== undefined && fits) {
      open.metrics.push(metric);
      open.samples += count;
      return;
    }
    open = { tenant, metrics: [metric], samples: count };
    shares.push({ tenant, metrics: open.metrics, cuts: 1 });
  });
  return shares;
}

interface ShareRead {
  readonly share: Share;
  readonly cut: number;
  readonly time: Sql;
  readonly writers: readonly BucketRows[];
  readonly signal: AbortSignal;
}

/** Answers how many samples it read, and how many rows more. */
async function readShare(
  engine: Engine,
  { share, cut, time, writers, signal }: ShareRead,
): Promise<Pick<DayResult, 'samples' | 'repeated'>> {
  const { tenant, metrics, cuts } = share;
  const where = sql`tenant = ${tenantHole} AND metric IN ${inList(metrics)}${hashRange(cut, cuts)} AND ${time}`;
  const block = await engine.query(selectWindows(where, false), {
    purpose: PURPOSE,
    tenant,
    limits: 'background',
    signal,
  });
  const found: { readonly key: SeriesKey; readonly window: RichWindow }[] = [];
  const rows = eachWindow(block, (key, window) => void found.push({ key, window }));
  let samples = 0;
  let slice = 0;
  for (const { key, window } of found) {
    const series = { labels: Labels.EMPTY, ...window };
    RESOLUTIONS.forEach(({ ms }, i) => writers[i]?.add(tenant, key, bucketsOf(series, ms)));
    const count = window.to - window.from;
    samples += count;
    slice += count;
    if (slice < SAMPLES_PER_SLICE) continue;
    slice = 0;
    await yieldToLoop();
    signal.throwIfAborted();
  }
  return { samples, repeated: rows - samples };
}
