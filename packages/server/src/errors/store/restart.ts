import { acrossTenants, dateTime64, type Engine, sql, table } from '../../engine/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Identities } from '../../kernel/identities.ts';
import type { Log } from '../../kernel/log.ts';
import { errorEventsTable } from '../tables.ts';
import { errorOf, identitiesOf, type StoredError } from './chunk.ts';

/** A restart learns the identities of the newest errors: repeats come soon. */
const LEARN_MS = 6 * 3_600_000;
const MOST_LEARNED = 200_000;
/** Errors that may have to be counted again at a start: those of the seconds before a kill. */
const MOST_RECOUNTED = 200_000;

interface RestartDeps {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
}

/** An error of a tenant, as an earlier process stored it. */
interface EarlierError {
  readonly tenant: string;
  readonly error: StoredError;
}

/** The errors that are in the engine and not counted in the groups that were saved. Never rejects: without an engine there are none. */
export async function flushedSince(
  { engine, log }: Pick<RestartDeps, 'engine' | 'log'>,
  sequence: number,
): Promise<EarlierError[]> {
  try {
    const block = await engine.query(
      sql`${acrossTenants}SELECT tenant, sequence, group_id, body FROM ${table(errorEventsTable)}
        WHERE sequence > ${sequence} ORDER BY sequence LIMIT ${MOST_RECOUNTED}`,
      { purpose: 'errors.restart', tenant: '', limits: 'background' },
    );
    if (block.rows === 0) return [];
    const [tenants, groups, bodies] = [
      block.strings('tenant'),
      block.strings('group_id'),
      block.strings('body'),
    ];
    const sequences = block.bigints('sequence');
    return tenants.flatMap((tenant, row) => {
      const error = errorOf(Number(sequences[row]), groups[row] ?? '', bodies[row] ?? '');
      return error === null ? [] : [{ tenant, error }];
    });
  } catch (error) {
    log.warn(
      { err: error },
      'the newest errors could not be read from the engine; groups may miss those of the last seconds',
    );
    return [];
  }
}

/** The identities of the newest flushed errors. Never rejects: an engine that cannot answer costs only the recognition of repeats. */
export async function learnIdentities(
  { engine, clock, log }: RestartDeps,
  identities: Identities,
): Promise<void> {
  try {
    const block = await engine.query(
      sql`${acrossTenants}SELECT tenant, id FROM ${table(errorEventsTable)}
        WHERE ts >= ${dateTime64(clock.now() - LEARN_MS)} ORDER BY ts DESC LIMIT ${MOST_LEARNED}`,
      { purpose: 'errors.restart', tenant: '', limits: 'background' },
    );
    if (block.rows === 0) return;
    const ids = block.strings('id');
    for (const [row, tenant] of block.strings('tenant').entries())
      identities.learn(identitiesOf({ tenant, ids: [ids[row] ?? ''] }));
  } catch (error) {
    log.warn({ err: error }, 'the newest errors could not be read; a repeat of them may be stored twice');
  }
}
