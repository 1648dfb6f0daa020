import { createMatcher, Labels, type Matcher } from '@pharos/promql';
import { expect, it } from 'vitest';
import type { ColumnBlock, Engine } from '../../engine/index.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createLogHasher } from './hasher.ts';
import { StreamCatalogue } from './stream-catalogue.ts';
import { Streams } from './streams.ts';

const DAY_NS = 86_400_000_000_000n;
const PAGE = 20_000;

/** Rows of streams by their ids, each with its id as a label. */
function blockOf(ids: readonly number[]): ColumnBlock {
  const absent = (): never => {
    throw new Error('not asked for');
  };
  return {
    rows: ids.length,
    names: ['stream', 'set'],
    column: absent,
    numbers: absent,
    strings: absent,
    array: absent,
    bigints: () => BigUint64Array.from(ids, BigInt),
    map: () => ({
      kind: 'map',
      offsets: Uint32Array.from(ids, (_, row) => row + 1),
      keys: { kind: 'string', data: ids.map(() => 'n') },
      values: { kind: 'string', data: ids.map(String) },
    }),
  };
}

/** A catalogue over an engine with so many streams a day, the same each day and some of its own; tells of its statements. */
async function open(perDay: number) {
  const asked = { statements: 0, atOnce: 0, most: 0 };
  const engine: Pick<Engine, 'query'> = {
    query: async (statement) => {
      asked.statements++;
      asked.atOnce++;
      asked.most = Math.max(asked.most, asked.atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      asked.atOnce--;
      const [, first = '0'] = /day >= toDate\((\d+)\)/.exec(statement.text) ?? [];
      const [, after = '-1'] = /stream > toUInt64\((\d+)\)/.exec(statement.text) ?? [];
      const ids = Array.from({ length: perDay }, (_, i) => i).concat(1_000_000 + Number(first));
      return blockOf(ids.filter((id) => id > Number(after)).slice(0, PAGE));
    },
  };
  const streams = new Streams({
    hasher: await createLogHasher(),
    names: createServiceNames(new Map()),
    limit: 10,
  });
  const catalogue = new StreamCatalogue(engine, streams, () => Promise.resolve());
  const matching = (matcher: Matcher, days: number) =>
    catalogue.matching(
      'default',
      [matcher],
      { from: 20_000n * DAY_NS, to: BigInt(20_000 + days) * DAY_NS },
      () => {},
    );
  return { asked, matching };
}

it('looks at one day of streams after the other, the next one on its way', async () => {
  const { asked, matching } = await open(10);
  const { byId, all } = await matching(createMatcher('n', '=~', '.+'), 30);
  expect([byId.size, all]).toEqual([40, true]);
  expect(asked).toMatchObject({ statements: 30, most: 2 });
  const few = await matching(createMatcher('n', '=', '7'), 30);
  expect([[...few.byId.values()], few.all]).toEqual([[Labels.fromRecord({ n: '7' })], false]);
  expect(asked.statements).toBe(30);
});

it('reads many streams, and those of many days, page by page', async () => {
  const { asked, matching } = await open(2 * PAGE + 5);
  expect((await matching(createMatcher('n', '=~', '.+'), 1)).byId.size).toBe(2 * PAGE + 6);
  expect(asked.statements).toBe(3);
  const { byId, all } = await matching(createMatcher('n', '=', '40001'), 400);
  expect([[...byId.keys()], all]).toEqual([[40_001n], false]);
  expect(asked).toMatchObject({ statements: 6, most: 1 });
});
