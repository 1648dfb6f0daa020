import { expect, it } from 'vitest';
import type { ColumnBlock } from '../../engine/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { Identities } from '../../kernel/identities.ts';
import { silentLog } from '../../kernel/log.ts';
import { identitiesOf, spanWords, traceWords } from './chunk.ts';
import { learnIdentities } from './learn-identities.ts';

const TRACE = 'aabbccddeeff00112233445566778899';

/** Spans of one trace by the numbers of their ids. */
function blockOf(numbers: readonly number[]): ColumnBlock {
  const absent = (): never => {
    throw new Error('not asked for');
  };
  const bytes = (name: string): Buffer =>
    Buffer.from(numbers.map((n) => (name === 'trace_id' ? TRACE : hex(n))).join(''), 'hex');
  return {
    rows: numbers.length,
    names: ['tenant', 'trace_id', 'span_id', 'kind'],
    column: (name) => ({ kind: 'bytes', data: bytes(name), width: name === 'trace_id' ? 16 : 8 }),
    numbers: () => Float64Array.from(numbers, () => 2),
    array: absent,
    map: absent,
    bigints: absent,
    strings: () => numbers.map(() => 'default'),
  };
}

const hex = (n: number): string => n.toString(16).padStart(16, '0');

function identityOf(n: number): Uint32Array {
  const ids = new Uint32Array(6);
  ids.set(traceWords(TRACE));
  ids.set(spanWords(hex(n)), 4);
  return identitiesOf({ tenant: 'default', rows: 1, ids, kinds: Uint8Array.of(2) });
}

it('keeps the newest spans in mind, also where there are more than it may remember', async () => {
  const [unflushed, newest, late] = [
    [1, 2],
    [3, 4, 5, 6],
    [8, 9],
  ];
  const engine = {
    query: (statement: { readonly text: string }) =>
      Promise.resolve(blockOf(statement.text.includes('ORDER BY ts DESC') ? newest : late)),
  };
  const identities = new Identities(3);
  const replayed = unflushed.map(identityOf);
  // As a replay does.
  for (const words of replayed) identities.learn(words);
  await learnIdentities({ engine, clock: new ManualClock(0), log: silentLog }, identities, replayed);
  const known = async (n: number): Promise<boolean> => {
    const { duplicates, settle } = await identities.claim([identityOf(n)]);
    settle(false);
    return duplicates[0]?.size === 1;
  };
  expect(await Promise.all([...unflushed, 3].map(known))).toEqual([true, true, true]);
  const kept = await Promise.all([...newest, ...late].map(known));
  expect(kept.indexOf(false)).toBeGreaterThan(0);
  expect(kept.slice(kept.indexOf(false))).not.toContain(true);
});
