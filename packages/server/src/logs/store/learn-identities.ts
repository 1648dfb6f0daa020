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
import { logsTable } from '../tables.ts';
import { timeOfNanos } from '../time.ts';
import { identitiesOf } from './identities.ts';

interface LearnDeps {
  readonly engine: Pick<Engine, 'query'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'warn'>;
}

/** A restart learns the identities of the last lines: repeats come soon. */
const LEARN_MS = 30 * 60_000;
const MOST_LEARNED = 500_000;
/** Of lines that tell of a longer past: those in parts of so many rows at most. */
const MOST_LATE = 250_000;

/**
 * The identities of the newest lines, so that what is sent again after a restart is known; the newest last, as the first that were learned are
 * the first that are forgotten. `unflushed` are those that the engine does not have yet. One that cannot answer costs only the recognition of
 * repeats. Answers an epoch ms that no flushed line is younger than; null where that is not known.
 */
export async function learnIdentities(
  { engine, clock, log }: LearnDeps,
  identities: Pick<Identities, 'learn'>,
  unflushed: readonly Uint32Array[],
): Promise<number | null> {
  const last = await learnFlushed({ engine, clock, log }, identities);
  for (const words of unflushed) identities.learn(words);
  return last;
}

async function learnFlushed(
  { engine, clock, log }: LearnDeps,
  identities: Pick<Identities, 'learn'>,
): Promise<number | null> {
  const since = clock.now() - LEARN_MS;
  const options = { purpose: 'logs.restart', tenant: '', limits: 'background' } as const;
  const columns = sql`SELECT tenant, toInt64(toUnixTimestamp64Nano(ts)) AS time, stream, id FROM ${table(logsTable)}`;
  try {
    const late = await engine.query(
      sql`${acrossTenants}${columns} WHERE ts < ${dateTime64(since)} AND ${writtenSince(logsTable, since, MOST_LATE)}`,
      options,
    );
    learnRows(late, identities);
    const newest = await engine.query(
      sql`${acrossTenants}${columns} WHERE ts >= ${dateTime64(since)} ORDER BY ts DESC LIMIT ${MOST_LEARNED}`,
      options,
    );
    learnRows(newest, identities);
    const last = newest.rows > 0 ? newest.bigints('time')[0] : undefined;
    return last === undefined ? since : timeOfNanos(last).ms;
  } catch (error) {
    log.warn({ err: error }, 'the newest log lines could not be read; a repeat of them may be stored twice');
    return null;
  }
}

/** From the last row to the first. */
function learnRows(block: ColumnBlock, identities: Pick<Identities, 'learn'>): void {
  if (block.rows === 0) return;
  const times = block.bigints('time');
  const streams = wordsOf(block.bigints('stream'));
  const ids = wordsOf(block.bigints('id'));
  const tenants = block.strings('tenant');
  for (let row = block.rows - 1; row >= 0; row--) {
    const tenant = tenants[row] ?? '';
    const { ms, nanos } = timeOfNanos(times[row] ?? 0n);
    identities.learn(
      identitiesOf({
        tenant,
        rows: 1,
        ms: Float64Array.of(ms),
        nanos: Uint32Array.of(nanos),
        streams: streams.subarray(row * 2, row * 2 + 2),
        ids: ids.subarray(row * 2, row * 2 + 2),
      }),
    );
  }
}

function wordsOf(column: BigUint64Array | BigInt64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
}
