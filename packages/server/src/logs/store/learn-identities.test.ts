import { expect, it } from 'vitest';
import type { ColumnBlock } from '../../engine/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { Identities } from '../../kernel/identities.ts';
import { silentLog } from '../../kernel/log.ts';
import { timeOfNanos } from '../time.ts';
import { identitiesOf } from './identities.ts';
import { learnIdentities } from './learn-identities.ts';

const NOW = 1_767_225_600_000;

/** Lines of one stream by their times, ns. */
function blockOf(times: readonly bigint[]): ColumnBlock {
  const absent = (): never => {
    throw new Error('not asked for');
  };
  return {
    rows: times.length,
    names: ['tenant', 'time', 'stream', 'id'],
    column: absent,
    numbers: absent,
    array: absent,
    map: absent,
    strings: () => times.map(() => 'default'),
    bigints: (name) => BigUint64Array.from(times, (time) => (name === 'time' ? time : 7n)),
  };
}

function identityOf(time: bigint): Uint32Array {
  const { ms, nanos } = timeOfNanos(time);
  return identitiesOf({
    tenant: 'default',
    rows: 1,
    ms: Float64Array.of(ms),
    nanos: Uint32Array.of(nanos),
    streams: Uint32Array.of(7, 0),
    ids: Uint32Array.of(7, 0),
  });
}

it('keeps the newest lines in mind, also where there are more than it may remember', async () => {
  const at = (seconds: number): bigint => BigInt(NOW - seconds * 1000) * 1_000_000n;
  const late = [at(9000), at(8000)];
  const newest = [at(3), at(4), at(5), at(6)];
  const unflushed = [at(1), at(2)];
  const engine = {
    query: (statement: { readonly text: string }) =>
      Promise.resolve(blockOf(statement.text.includes('ORDER BY ts DESC') ? newest : late)),
  };
  const identities = new Identities(3);
  const replayed = unflushed.map(identityOf);
  // As a replay does.
  for (const words of replayed) identities.learn(words);
  const last = await learnIdentities(
    { engine, clock: new ManualClock(NOW), log: silentLog },
    identities,
    replayed,
  );
  expect(last).toBe(NOW - 3000);
  const known = async (time: bigint): Promise<boolean> => {
    const { duplicates, settle } = await identities.claim([identityOf(time)]);
    settle(false);
    return duplicates[0]?.size === 1;
  };
  // The last three for certain, and no newer one is forgotten before an older one.
  expect(await Promise.all([...unflushed, at(3)].map(known))).toEqual([true, true, true]);
  const kept = await Promise.all([...newest, ...late].map(known));
  expect(kept.indexOf(false)).toBeGreaterThan(0);
  expect(kept.slice(kept.indexOf(false))).not.toContain(true);
});
