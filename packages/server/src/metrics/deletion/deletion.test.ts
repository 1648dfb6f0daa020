import { isStaleMarker, Labels, parseSelector, type SeriesColumns, writeStaleMarker } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTestState } from '../../journal/testing/index.ts';
import { createMemoryFileSystem } from '../../journal/testing/memory-fs.ts';
import { silentLog } from '../../kernel/log.ts';
import { stateOnlyEngine } from '../store/testing/fake-engine.ts';
import { Deletion } from './deletion.ts';
import { withoutDeleted } from './hidden.ts';
import { Tombstones } from './tombstones.ts';

const hints = { start: 0, end: 0, step: 1, range: 0 };

function seriesOf(job: string, count: number): SeriesColumns {
  const values = Float64Array.from({ length: count }, (_, i) => i);
  if (count > 3) writeStaleMarker(values, 3);
  return {
    labels: Labels.fromRecord({ __name__: 'up', job }),
    timestamps: Float64Array.from({ length: count }, (_, i) => i * 10),
    values,
    from: 0,
    to: count,
  };
}

function stone(selector: string, from: number, to: number) {
  return { key: 'k', matchers: parseSelector(selector), from, to, removed: false };
}

const timesOf = ({ timestamps, from, to }: SeriesColumns): number[] => [...timestamps.subarray(from, to)];

describe('hiding', () => {
  it('leaves out exactly the samples that a tombstone covers, bits kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: -20, max: 220 }), fc.nat(60)), { maxLength: 4 }),
        async (ranges) => {
          const stones = ranges.map(([from, length]) => stone('up{job="a"}', from, from + length));
          const inner = { select: () => Promise.resolve({ series: [seriesOf('a', 20), seriesOf('b', 20)] }) };
          const hidden = withoutDeleted(inner, () => stones);
          const { series } = await hidden.select({ matchers: [], startExclusive: -100, end: 1000, hints });
          const byJob = new Map(series.map((one) => [one.labels.get('job'), one]));
          expect(timesOf(byJob.get('b') ?? seriesOf('x', 0))).toHaveLength(20);
          const kept = timesOf(seriesOf('a', 20)).filter(
            (time) => !stones.some(({ from, to }) => time >= from && time <= to),
          );
          const a = byJob.get('a');
          expect(a === undefined ? [] : timesOf(a)).toEqual(kept);
          const stale = kept.indexOf(30);
          if (a !== undefined && stale >= 0) expect(isStaleMarker(a.values[a.from + stale])).toBe(true);
        },
      ),
    );
  });

  it('hides what a tombstone covers that goes, or comes, while the samples are read', async () => {
    for (const [before, after] of [
      [[stone('up', 0, 1000)], []],
      [[], [stone('up', 0, 1000)]],
    ]) {
      let stones = before!;
      const hidden = withoutDeleted(
        {
          select: () => {
            stones = after!;
            return Promise.resolve({ series: [seriesOf('a', 20)] });
          },
        },
        () => stones,
      );
      const { series } = await hidden.select({ matchers: [], startExclusive: -100, end: 1000, hints });
      expect(series).toEqual([]);
    }
  });

  it('is out of the way of queries that touch nothing deleted', async () => {
    const scan = { fake: true };
    const inner = {
      select: () => Promise.resolve({ series: [seriesOf('a', 2)] }),
      scan: () => scan as never,
    };
    const hidden = withoutDeleted(inner, () => [stone('up', 0, 10)]);
    expect(hidden.scan?.({ matchers: [], startExclusive: 10, end: 20, hints })).toBe(scan);
    expect(hidden.scan?.({ matchers: [], startExclusive: 9, end: 20, hints })).toBeNull();
  });
});

describe('tombstones', () => {
  const unused = {
    engine: stateOnlyEngine('ready'),
    series: {
      find: () => Promise.resolve([]),
      byKeys: () => Promise.resolve([]),
      texts: () => Promise.resolve([]),
    },
    log: silentLog,
    head: () => ({ floor: 0, engineGeneration: 0 }),
    flushedSince: () => true,
    isInMemory: () => Promise.resolve(false),
    isActive: () => false,
    deleted: () => undefined,
  };

  it('outlive a restart, stay with their tenant, and end now at the latest', async () => {
    const fs = createMemoryFileSystem();
    const state = await openTestState(fs);
    const matcherSets = [parseSelector('{"odd.name"="a\\"b",job=~"x|y"}'), parseSelector('up')];
    await new Deletion(state, unused).delete({ tenant: 'blue', matcherSets, from: 5, to: 5000 }, 1000);
    await state.close();
    const tombstones = new Tombstones(await openTestState(fs));
    expect(tombstones.tenants()).toEqual(['blue']);
    expect(tombstones.of('default')).toEqual([]);
    expect(tombstones.of('blue').map(({ from, to }) => [from, to])).toEqual([
      [5, 1000],
      [5, 1000],
    ]);
    const [odd] = tombstones.of('blue');
    expect(odd?.matchers.map(({ name, op, value }) => [name, op, value])).toEqual([
      ['odd.name', '=', 'a"b'],
      ['job', '=~', 'x|y'],
    ]);
    if (odd === undefined) throw new Error('no tombstone');
    await tombstones.markRemoved('blue', odd);
    expect(tombstones.of('blue').map(({ removed }) => removed)).toEqual([true, false]);
    await tombstones.forgetRemoved();
    expect(tombstones.of('blue')).toHaveLength(1);
  });

  it('make room once their rows are gone and memory holds none, while the process lives', async () => {
    let held = true;
    const state = await openTestState();
    const deps = { ...unused, head: () => ({ floor: 5000, engineGeneration: 0 }) };
    const deletion = new Deletion(state, { ...deps, isInMemory: () => Promise.resolve(held) });
    const request = { tenant: 'blue', matcherSets: Array.from({ length: 600 }, () => parseSelector('up')) };
    await deletion.delete({ ...request, from: 5, to: 1000 }, 1000);
    await deletion.clean(false);
    await deletion.clean(false);
    expect(deletion.hidesOf('blue')(seriesOf('a', 1).labels)(500)).toBe(true);
    await expect(deletion.delete({ ...request, from: 5, to: 1000 }, 1000)).rejects.toThrow('expected fewer');
    held = false;
    await deletion.clean(false);
    await deletion.delete({ ...request, from: 1001, to: 2000 }, 2000);
    expect(deletion.hidesOf('blue')(seriesOf('a', 1).labels)(500)).toBe(false);
    expect(new Tombstones(state).of('blue')).toHaveLength(600);
  });

  it('are bounded per tenant', async () => {
    const tombstones = new Tombstones(await openTestState());
    const many = Array.from({ length: 1000 }, () => 'up');
    await tombstones.add('default', many, { from: 0, to: 1 }, 1);
    await expect(tombstones.add('default', ['up'], { from: 0, to: 1 }, 1)).rejects.toThrow('expected fewer');
    expect(new Set(tombstones.of('default').map(({ key }) => key)).size).toBe(1000);
  });
});
