import { Labels, QueryError } from '@pharos/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLogQueryEngine } from './engine.ts';
import { formatExpr } from './parse/printer.ts';
import { MemoryLogStorage } from './testing/memory-storage.ts';
import { query as anyQuery } from './testing/random-queries.ts';

const SECOND = 1_000_000_000n;
const engine = createLogQueryEngine();

const line = fc.oneof(
  fc.constantFrom(
    '{"level":"error","duration":"1.5s","bytes":"3MB","a1":5,"app":"p","__error__":"x"}',
    'level=info duration=90 bytes=2KB a1=x rate=0.5 __proto__=1',
    '{"broken":',
    'x "10.0.0.1" y',
    '',
  ),
  fc.string({ maxLength: 12 }),
);
const entries = fc.array(
  fc.tuple(fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 60_000 }), line, fc.boolean()),
  { maxLength: 25 },
);

function storageOf(
  list: readonly (readonly [app: string, ms: number, line: string, labelled: boolean])[],
): MemoryLogStorage {
  const storage = new MemoryLogStorage();
  for (const [app, ms, text, labelled] of list)
    storage.add(
      Labels.fromRecord({ app, level: 'warn' }),
      BigInt(ms) * 1_000_000n,
      text,
      labelled ? Labels.fromSortedPairs(['level', 'meta', 'rate', '']) : Labels.EMPTY,
    );
  return storage;
}

it('answers every query with a result or a QueryError', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(anyQuery, entries, async (expr, list) => {
      const query = formatExpr(expr);
      const storage = storageOf(list);
      for (const ask of [
        () => engine.instant({ query, storage, time: 50n * SECOND }),
        () =>
          engine.range({
            query,
            storage,
            start: 10n * SECOND,
            end: 60n * SECOND,
            stepNs: 7e9,
            limit: 10,
            direction: 'backward',
          }),
      ])
        try {
          await ask();
          answered++;
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
          // A TypeError of ours would arrive as trouble of the storage.
          expect((error as QueryError).message).not.toContain('reading logs:');
        }
    }),
    { numRuns: 250 },
  );
  expect(answered).toBeGreaterThan(0);
});

it('sums while it reads what it would sum afterwards', async () => {
  const stages = fc.constantFrom(
    '',
    '| logfmt',
    '| json | __error__=""',
    '|= "e" | logfmt | level!="info"',
    '| logfmt | drop app | keep level, app, a1',
    '| regexp `(?P<level>\\w+)`',
    '| label_format level=`{{.app}}`',
  );
  const grouping = fc.constantFrom(
    '',
    'by (app)',
    'by (level, level_extracted)',
    'by (rate)',
    'without (app)',
    'by ()',
  );
  const func = fc.constantFrom('count_over_time', 'rate', 'bytes_over_time', 'bytes_rate');
  await fc.assert(
    fc.asyncProperty(func, stages, grouping, entries, async (name, pipeline, group, list) => {
      const storage = storageOf(list);
      const range = `${name}({app=~"x|y"} ${pipeline} [20s])`;
      const ask = async (query: string): Promise<unknown> => {
        const result = await engine.range({
          query,
          storage,
          start: 10n * SECOND,
          end: 60n * SECOND,
          stepNs: 9e9,
          limit: 10,
          direction: 'forward',
        });
        if (result.type !== 'matrix') throw new TypeError('no matrix');
        return result.series.map(({ labels, values, present }) => [
          labels.pairs,
          Array.from(present, (here, k) => (here === 1 ? (values[k] ?? 0).toFixed(9) : '-')),
        ]);
      };
      expect(await ask(`sum ${group} (${range})`)).toEqual(await ask(`sum ${group} (${range} * 1)`));
    }),
    { numRuns: 120 },
  );
});
