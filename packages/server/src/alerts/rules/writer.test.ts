import { Labels, parseExpr } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { inSlices } from '../../kernel/sliced.ts';
import { MemorySink } from '../../metrics/testing/memory_sink.ts';
import { freshRule, type RuleState } from './state/rule-state.ts';
import { RuleWriter } from './writer.ts';

const state = (): RuleState =>
  freshRule(
    {
      kind: 'recording',
      name: 'r',
      query: 'up',
      parsed: { language: 'promql', expr: parseExpr('up') },
      labels: new Map(),
    },
    true,
  );
const sample = (name: string, value: number) => ({ labels: Labels.fromRecord({ __name__: name }), value });
const write = (writer: RuleWriter, ...given: Parameters<RuleWriter['write']>) =>
  inSlices(writer.write(...given), () => Promise.resolve());
const open = (sink: MemorySink): RuleWriter =>
  new RuleWriter({ appender: () => sink.appender({ tenant: 'default' }) });

describe('RuleWriter', () => {
  it('writes samples, and ends series that are not there any more', async () => {
    const sink = new MemorySink();
    const rule = state();
    const first = open(sink);
    expect(await write(first, rule, [sample('a', 1), sample('b', 2)], 1000)).toBeUndefined();
    expect([...first.unread]).toEqual(['a', 'b']);
    expect(sink.lines()).toEqual([]);
    await first.commit();
    expect([...first.unread]).toEqual([]);
    const second = open(sink);
    await write(second, rule, [sample('b', 3)], 2000);
    expect([...second.unread].sort()).toEqual(['a', 'b']);
    await second.commit();
    expect([sink.of('a'), sink.of('b'), sink.resolved]).toEqual([
      ['1@1000', 'stale@2000'],
      ['2@1000', '3@2000'],
      2,
    ]);
  });

  it('asks again for a series that the store has let go of', async () => {
    const sink = new MemorySink();
    const rule = state();
    for (const at of [1000, 2000]) {
      const writer = open(sink);
      await write(writer, rule, [sample('a', at)], at);
      await writer.commit();
      sink.evictAll();
    }
    expect(sink.of('a')).toEqual(['1000@1000', '2000@2000']);
  });

  it('says why a series cannot be written, and writes the others', async () => {
    const sink = new MemorySink();
    sink.maxSeries = 1;
    const writer = open(sink);
    expect(await write(writer, state(), [sample('a', 1), sample('b', 2)], 1000)).toBe(
      'the limit of series is reached',
    );
    await writer.commit();
    expect([sink.of('a'), sink.of('b')]).toEqual([['1@1000'], []]);
  });

  it('a commit that fails makes its rules fail, and the next evaluation ends what the last durable one wrote', async () => {
    const sink = new MemorySink();
    const rule = state();
    const first = open(sink);
    await write(first, rule, [sample('a', 1)], 1000);
    await first.commit();
    sink.failWith = new Error('the disk is full');
    const second = open(sink);
    await write(second, rule, [sample('b', 1)], 2000);
    await expect(second.commit()).rejects.toThrow('the disk is full');
    expect([rule.health, rule.lastError]).toEqual(['err', 'the disk is full']);
    sink.failWith = null;
    const third = open(sink);
    await write(third, rule, [], 3000);
    await third.commit();
    expect([sink.of('a'), sink.of('b')]).toEqual([['1@1000', 'stale@3000'], []]);
  });

  it('nothing to write is no write', async () => {
    const sink = new MemorySink();
    sink.failWith = new Error('asked');
    expect(await open(sink).commit()).toEqual({ rejected: [] });
  });
});
