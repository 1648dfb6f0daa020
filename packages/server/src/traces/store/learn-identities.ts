import {
  acrossTenants,
  type ColumnBlock,
  dateTime64,
  type Engine,
  sql,
  table,
  writtenSince,
} from '../../engine/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Identities } from '../../kernel/identities.ts';
import type { Log } from '../../kernel/log.ts';
import { spansTable } from '../tables.ts';
import { identitiesOf, spanWords, traceWords } from './chunk.ts';
import { hexOf } from './engine-spans.ts';

interface LearnDeps {
  readonly engine: Pick<Engine, 'query'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'warn'>;
}

/** A restart learns the identities of the newest spans: repeats come soon. */
const LEARN_MS = 30 * 60_000;
const MOST_LEARNED = 500_000;
/** Of spans that began before that: those in parts of so many rows at most. */
const MOST_LATE = 250_000;

/**
 * The identities of the newest spans, so that what is sent again after a restart is known; the newest last, as the first that were learned are
 * the first that are forgotten. `unflushed` are those that the engine does not have yet. One that cannot answer costs only the recognition of
 * repeats.
 */
export async function learnIdentities(
  { engine, clock, log }: LearnDeps,
  identities: Pick<Identities, 'learn'>,
  unflushed: readonly Uint32Array[],
): Promise<void> {
  const since = clock.now() - LEARN_MS;
  const options = { purpose: 'traces.restart', tenant: '', limits: 'background' } as const;
  const columns = sql`SELECT tenant, trace_id, span_id, kind FROM ${table(spansTable)}`;
  try {
    for (const rows of [
      sql`ts < ${dateTime64(since)} AND ${writtenSince(spansTable, since, MOST_LATE)}`,
      sql`ts >= ${dateTime64(since)} ORDER BY ts DESC LIMIT ${MOST_LEARNED}`,
    ])
      learnRows(await engine.query(sql`${acrossTenants}${columns} WHERE ${rows}`, options), identities);
  } catch (error) {
    log.warn({ err: error }, 'the newest spans could not be read; a repeat of them may be stored twice');
  }
  for (const words of unflushed) identities.learn(words);
}

/** From the last row to the first. */
function learnRows(block: ColumnBlock, identities: Pick<Identities, 'learn'>): void {
  if (block.rows === 0) return;
  const tenants = block.strings('tenant');
  const traces = hexOf(block, 'trace_id');
  const spans = hexOf(block, 'span_id');
  const kinds = block.numbers('kind');
  for (let row = block.rows - 1; row >= 0; row--) {
    const tenant = tenants[row] ?? '';
    const ids = new Uint32Array(6);
    ids.set(traceWords(traces[row] ?? ''));
    ids.set(spanWords(spans[row] ?? ''), 4);
    identities.learn(identitiesOf({ tenant, rows: 1, ids, kinds: Uint8Array.of(kinds[row] ?? 0) }));
  }
}
