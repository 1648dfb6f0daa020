import { acrossTenants, dateTime64, type Engine, sql, table } from '../../engine/index.ts';
import type { Log } from '../../kernel/log.ts';
import { histogramsTable, samplesTable } from '../tables.ts';

export interface SpanDeps {
  readonly engine: Engine;
  readonly log: Log;
  readonly now: number;
  readonly windowMs: number;
  readonly futureMs: number;
}

/** Times that are loaded, ms, of so many samples in all: `end` is behind all of them. */
export interface Span {
  readonly from: number;
  readonly end: number;
  readonly samples: number;
}

/** What the engine has of a time, by tenant. */
interface Stored {
  readonly samples: number;
  readonly newest: number;
  readonly tenants: readonly string[];
}

/** Loading more would keep the server from being ready within seconds; older ones are asked of the engine. */
const MOST_SAMPLES = 4_000_000;
/** A window is not made smaller than this to load less: what lies in it, or ahead of the clock, is too much for any. */
const LEAST_WINDOW_MS = 1_000;

/** The longest time up to the newest sample that can be loaded within seconds, and the tenants that have samples of it. */
export async function spanToLoad(
  deps: SpanDeps,
  signal?: AbortSignal,
): Promise<{ readonly span: Span; readonly tenants: readonly string[] }> {
  const { now, windowMs, futureMs, log } = deps;
  for (let window = windowMs; ; window /= 2) {
    const from = Math.floor(now - window);
    const { samples, newest, tenants } = await storedSince(deps.engine, from, signal);
    const end = Math.max(newest, now + futureMs) + 1;
    if (samples <= MOST_SAMPLES) return { span: { from, end, samples }, tenants };
    if (window > LEAST_WINDOW_MS) continue;
    // Of a clock that was put back, as a rule. They are no use to anybody yet, and what is older is asked of the engine with them.
    log.warn(
      { samples, newest },
      'too many samples are ahead of the clock to be loaded; queries will ask the engine',
    );
    return { span: { from: end, end, samples: 0 }, tenants: [] };
  }
}

/** Samples at or after a time; a histogram counts as many as it takes the room of. */
async function storedSince(engine: Engine, from: number, signal?: AbortSignal): Promise<Stored> {
  const since = sql`ts >= ${dateTime64(from)}`;
  const found = await engine.query(
    sql`${acrossTenants}SELECT tenant, sum(rows) AS n, toFloat64(toUnixTimestamp64Milli(max(newest))) AS t FROM (
      SELECT tenant, count() AS rows, max(ts) AS newest FROM ${table(samplesTable)} WHERE ${since} GROUP BY tenant
      UNION ALL SELECT tenant, 10 * count() AS rows, max(ts) AS newest FROM ${table(histogramsTable)} WHERE ${since} GROUP BY tenant)
    GROUP BY tenant`,
    { purpose: 'metrics.restart', tenant: '', ...(signal === undefined ? {} : { signal }) },
  );
  return {
    samples: found.numbers('n').reduce((sum, n) => sum + n, 0),
    newest: found.numbers('t').reduce((newest, t) => Math.max(newest, t), Number.NEGATIVE_INFINITY),
    tenants: [...found.strings('tenant')],
  };
}

/** Whether the engine has samples from before a time. */
export async function hasOlder(engine: Engine, than: number, signal?: AbortSignal): Promise<boolean> {
  for (const stored of [samplesTable, histogramsTable]) {
    const older = await engine.query(
      sql`${acrossTenants}SELECT count() AS n FROM (SELECT 1 FROM ${table(stored)} WHERE ts < ${dateTime64(than)} LIMIT 1)`,
      { purpose: 'metrics.restart', tenant: '', ...(signal === undefined ? {} : { signal }) },
    );
    if ((older.numbers('n')[0] ?? 0) > 0) return true;
  }
  return false;
}
