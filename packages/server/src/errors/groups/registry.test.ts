import { describe, expect, it, vi } from 'vitest';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import type { ErrorEvent } from '../event.ts';
import { fromJson } from '../ingest/json.ts';
import { errorsTelemetry } from '../telemetry.ts';
import { groupKind } from './group.ts';
import { GroupRegistry } from './registry.ts';

const NOW = 1_760_000_000_000;

function made(facts: object): ErrorEvent {
  const event = fromJson({ message: 'x', ...facts }, { id: 'a', now: NOW, serviceOf: (name) => name });
  if (typeof event === 'string') throw new Error(event);
  return event;
}

async function open() {
  const clock = new ManualClock(NOW);
  const telemetry = errorsTelemetry(createTelemetry(), () => ({ groups: 0, pending: 0, pendingBytes: 0 }));
  const state = await openTestState();
  const registry = new GroupRegistry({
    state,
    clock,
    log: silentLog,
    telemetry: () => telemetry,
    maxGroups: 100,
    keepMs: 60_000,
  });
  let sequence = 0;
  const take = (facts: object): string => {
    const event = made(facts);
    const assigned = registry.assign('t', event, new Set());
    registry.apply('t', { ...assigned, event, sequence: ++sequence });
    return assigned.group;
  };
  return { registry, take, clock, state };
}

describe('groups', () => {
  it('of a service with more releases than are remembered: repaired in the next one means the newest', async () => {
    const { registry, take } = await open();
    for (let i = 0; i < 150; i++)
      take({
        message: `problem ${'abcdefgh'[i % 8]}`,
        service: 's',
        release: `r${i}`,
        timestamp: NOW - 1000 + i,
      });
    const [group] = registry.list('t');
    if (group === undefined) throw new Error('no group');
    const after = registry.releasesOf('t', group);
    expect([after.length, after[0], after.at(-1)]).toEqual([100, 'r149', 'r50']);
  });

  it('that are part of another one go with it when nobody has seen them for too long', async () => {
    const { registry, take, clock } = await open();
    const [one, other] = [take({ message: 'one' }), take({ message: 'other' })];
    await registry.merge('t', one, [other], { at: NOW, by: '' });
    expect(registry.find('t', other)?.count).toBe(2);
    registry.start();
    await clock.advance(120_000);
    await registry.stop();
    expect(registry.find('t', other)).toBeUndefined();
    expect([take({ message: 'other' }), registry.find('t', other)?.count]).toEqual([other, 1]);
  });

  it('that are decided upon while they become part of another one leave nothing of their own behind', async () => {
    const { registry, take, state } = await open();
    const [one, other] = [take({ message: 'one' }), take({ message: 'other' })];
    const merging = registry.merge('t', one, [other], { at: NOW, by: '' });
    const resolving = registry.command('t', other, { kind: 'resolve', at: NOW, by: 'me' });
    await Promise.all([merging, resolving]);
    expect(state.list(groupKind, 't').map(({ value }) => value.id)).toEqual([one]);
    expect(registry.find('t', other)).toMatchObject({ id: one, state: { status: 'resolved' } });
  });

  it('that return while the decision on them cannot be written stay returned', async () => {
    const { registry, take, state, clock } = await open();
    const id = take({ message: 'one' });
    await registry.command('t', id, { kind: 'resolve', at: NOW, by: '' });
    const put = vi.spyOn(state, 'put').mockImplementation(async () => {
      take({ message: 'one', timestamp: NOW + 1000 });
      await Promise.resolve();
      throw new Error('disk full');
    });
    const again = registry.command('t', id, { kind: 'resolve', at: NOW + 500, by: '' });
    await expect(again).rejects.toThrow('disk full');
    put.mockRestore();
    expect(registry.find('t', id)?.state.status).toBe('regressed');
    expect(clock.now()).toBe(NOW);
  });
});
