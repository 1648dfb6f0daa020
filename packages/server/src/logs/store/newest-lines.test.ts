import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LOG_LEVELS, levelRank } from '../level.ts';
import { ChunkWriter, type LineChunk, readService } from './chunk.ts';
import type { MemoryLine } from './memory-search.ts';
import { NewestLines, newestLines } from './newest-lines.ts';
import { comparePlaces } from './query.ts';

const breathe = (): Promise<void> => Promise.resolve();
const MS = 1_000_000n;
const START = 1_700_000_000_000;

interface Sent {
  /** After {@link START}. */
  readonly ms: number;
  readonly nanos: number;
  readonly stream: number;
  readonly id: number;
}

const levelOf = (id: number): string => LOG_LEVELS[id % LOG_LEVELS.length] ?? '';

function chunkOf(tenant: string, lines: readonly Sent[]): LineChunk {
  const writer = new ChunkWriter(tenant, 0);
  for (const { ms, nanos, stream, id } of lines)
    writer.add(
      {
        time: { ms: START + ms, nanos },
        stream: { low: stream, high: 7 },
        id: { low: id, high: 0 },
        service: `s${stream}`,
        level: levelOf(id),
        ids: { trace: '', span: '', request: '' },
        metadata: [],
      },
      Buffer.from(`${tenant} ${stream} ${id}`),
    );
  return writer.take();
}

/** Room for some chunks of a few rows. */
const ROOM = 10_000;

const sent = fc.record({
  ms: fc.nat(60),
  nanos: fc.constantFrom(0, 1, 999_999),
  stream: fc.nat(3),
  id: fc.nat(40),
});
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      tenant: fc.constantFrom('a', 'b'),
      lines: fc.array(sent, { minLength: 1, maxLength: 30 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ flush: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ pause: fc.constantFrom(1000, 4_000_000) }) },
);
const asked = fc.record({
  tenant: fc.constantFrom('a', 'b'),
  from: fc.nat(70),
  length: fc.nat(70),
  limit: fc.integer({ min: 1, max: 40 }),
  services: fc.option(fc.subarray(['s0', 's1', 's2', 's3']), { nil: undefined }),
  levels: fc.option(fc.subarray([...LOG_LEVELS]), { nil: undefined }),
  afterAt: fc.option(fc.nat(50), { nil: undefined }),
});

it('what memory tells of the newest lines is whole, whatever comes, goes and is asked for', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(sent, { maxLength: 10 }),
      fc.array(step, { maxLength: 30 }),
      fc.array(asked, { minLength: 5, maxLength: 10 }),
      async (before, steps, questions) => {
        const memory = new NewestLines(ROOM);
        // Lines of an earlier process are in no chunk.
        const all: LineChunk[] = before.length === 0 ? [] : [chunkOf('a', before)];
        memory.startAt(START + Math.max(-1, ...before.map(({ ms }) => ms)) + 1);
        let pending: LineChunk[] = [];
        let now = 0;
        for (const one of steps)
          if ('lines' in one) {
            const chunk = chunkOf(one.tenant, one.lines);
            all.push(chunk);
            pending.push(chunk);
          } else if ('flush' in one) {
            memory.add(pending.slice(0, one.flush), now);
            pending = pending.slice(one.flush);
            expect(memory.bytes).toBeLessThanOrEqual(ROOM);
          } else {
            now += one.pause;
            memory.forget(now);
          }
        for (const { tenant, from, length, limit, services, levels, afterAt } of questions) {
          const of = all.filter((chunk) => chunk.tenant === tenant);
          const ranks = levels?.map(levelRank);
          const everything = await newestLines(
            { chunks: of, since: START },
            { window: { from: 0n, to: BigInt(START + 1000) * MS }, limit: 10_000, ofStream: () => true },
            breathe,
          );
          const window = {
            from: BigInt(START + from) * MS + 1n,
            to: BigInt(START + from + length) * MS + 500_000n,
          };
          const after = afterAt === undefined ? undefined : everything?.lines[afterAt]?.place;
          const counts = ({ place, service, level }: MemoryLine): boolean =>
            place.time >= window.from &&
            place.time < window.to &&
            (after === undefined || comparePlaces(place, after) < 0) &&
            (services === undefined || services.includes(service)) &&
            (levels === undefined || levels.some((wanted) => wanted === level));
          const memoryOf = memory.with(
            tenant,
            pending.filter((chunk) => chunk.tenant === tenant),
          );
          const found = await newestLines(
            memoryOf,
            {
              window,
              limit,
              after,
              ofStream: (chunk, row) => services === undefined || services.includes(readService(chunk, row)),
              ofLevel: ranks === undefined ? undefined : (rank) => ranks.includes(rank),
            },
            breathe,
          );
          if (found === null) continue;
          answered++;
          const expected = everything?.lines.filter((line) => counts(line) && line.place.time >= found.from);
          expect(found.lines).toEqual(expected);
          if (found.lines.length >= limit) continue;
          const whole = BigInt(memoryOf.since) * MS;
          expect(found.from).toBe(whole > window.from ? whole : window.from);
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(answered).toBeGreaterThan(100);
});

it('nothing is whole before it is known what an earlier process stored', async () => {
  const memory = new NewestLines(ROOM);
  const chunk = chunkOf('a', [{ ms: 5, nanos: 0, stream: 1, id: 1 }]);
  memory.add([chunk], 0);
  const query = { window: { from: 0n, to: BigInt(START + 1000) * MS }, limit: 1, ofStream: () => true };
  const ask = () => newestLines(memory.with('a', []), query, breathe);
  expect(await ask()).toBeNull();
  memory.startAt(START + 5);
  expect((await ask())?.lines).toHaveLength(1);
  memory.startAt(START + 6);
  expect((await ask())?.lines).toEqual([]);
});

it('keeps none where it has no room, and still tells of what waits', async () => {
  const memory = new NewestLines(0);
  memory.startAt(START);
  const line = (ms: number) => chunkOf('a', [{ ms, nanos: 0, stream: 1, id: ms }]);
  memory.add([line(1)], 0);
  expect(memory.bytes).toBe(0);
  const found = await newestLines(
    memory.with('a', [line(1), line(2)]),
    { window: { from: 0n, to: BigInt(START + 1000) * MS }, limit: 5, ofStream: () => true },
    breathe,
  );
  expect(found).toMatchObject({ from: BigInt(START + 2) * MS, lines: [{ message: 'a 1 2' }] });
});
