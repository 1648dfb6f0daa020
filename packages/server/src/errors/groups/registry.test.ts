import { describe, expect, it, vi } from 'vitest';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import type { ErrorEvent } from '../event.ts';
import { fromJson } from '../ingest/json.ts';
import { errorsTelemetry } from '../telemetry.ts';
import { groupKind } from './group.ts';
import { GroupBatch, GroupRegistry } from './registry.ts';

const NOW = 1_760_000_000_000;

function made(facts: object): ErrorEvent {
  const event = fromJson({ message: 'x', ...facts }, { id: 'a', now: NOW, serviceOf: (name) => name });
  if (typeof event === 'string') throw new Error(event);
  return event;
}

async function open({ keepMs = 60_000 } = {}) {
  const clock = new ManualClock(NOW);
  const own = createTelemetry();
  const telemetry = errorsTelemetry(own, () => ({ groups: 0, pending: 0, pendingBytes: 0 }));
  const state = await openTestState();
  const registry = new GroupRegistry({
    state,
    clock,
    log: silentLog,
    telemetry: () => telemetry,
    maxGroups: 100,
    keepMs,
  });
  let sequence = 0;
  const take = (facts: object): string => {
    const event = made(facts);
    const batch = new GroupBatch();
    const assigned = registry.assign('t', event, batch);
    registry.settle('t', batch);
    registry.apply('t', { ...assigned, event, sequence: ++sequence });
    return assigned.group;
  };
  /** Samples of a counter: `reason value`. */
  const counted = async (name: string) =>
    (await own.families())
      .filter((family) => family.name === name)
      .flatMap(({ samples }) => samples.map(({ labels, value }) => `${labels['reason']} ${value}`));
  return { registry, take, clock, state, counted };
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

  it('give way to what is durable alone, and not where the same batch has errors of theirs', async () => {
    const { registry, take } = await open();
    const one = (fingerprint: string, timestamp = NOW) =>
      made({ fingerprint: [fingerprint], message: 'x', service: 's', timestamp });
    const ids = Array.from({ length: 100 }, (_, i) =>
      take({ fingerprint: [`${i}`], message: 'x', service: 's', timestamp: NOW + i }),
    );
    for (const id of ids.slice(0, 2)) await registry.command('t', id, { kind: 'resolve', at: NOW, by: 'me' });
    const refused = new GroupBatch();
    registry.assign('t', one('new'), refused);
    expect([...refused.giving.keys()]).toEqual([ids[0]]);
    // The journal did not take it: nothing has happened.
    expect(registry.list('t')).toHaveLength(100);
    const batch = new GroupBatch();
    registry.assign('t', one('0', NOW + 500), batch);
    registry.assign('t', one('new'), batch);
    registry.settle('t', batch);
    expect(registry.find('t', ids[0] ?? '')?.id).toBe(ids[0]);
    expect(registry.find('t', ids[1] ?? '')).toBeUndefined();
    // One that gave way and is asked for again within a batch stays.
    const again = new GroupBatch();
    await registry.command('t', ids[2] ?? '', { kind: 'resolve', at: NOW, by: 'me' });
    for (const fingerprint of ['newer', 'newest', '0']) registry.assign('t', one(fingerprint), again);
    expect([...again.giving.keys()]).toEqual([ids[0], ids[2]]);
    registry.settle('t', again);
    expect([ids[0], ids[2]].map((id) => registry.find('t', id ?? '') !== undefined)).toEqual([true, false]);
  });

  it('are not looked through again for each new service while nobody gives way', async () => {
    const { registry, take, clock, counted } = await open();
    registry.start();
    for (let i = 0; i < 100; i++) take({ message: 'x', service: `s${i}` });
    take({ message: 'x', service: 'first of them' });
    const batch = new GroupBatch();
    const more = Array.from({ length: 50 }, (_, i) => made({ message: 'x', service: `more ${i}` }));
    const looks = vi.spyOn(Map.prototype, 'values');
    for (const event of more) registry.assign('t', event, batch);
    const known = looks.mock.calls.length;
    await clock.advance(5000);
    looks.mockClear();
    registry.assign('t', more[0] ?? made({}), batch);
    const anew = looks.mock.calls.length;
    looks.mockRestore();
    expect(known).toBe(0);
    expect(anew).toBeGreaterThan(0);
    expect(await counted('pharos_errors_ungrouped_total')).toEqual(['tenant 52']);
    await registry.stop();
  });

  it('of a noisy service leave room for those of others, and what is turned away is counted', async () => {
    const { registry, take, clock, state, counted } = await open({ keepMs: 90 * 86_400_000 });
    const noise = (i: number) =>
      take({ fingerprint: [`noise ${i}`], message: 'x', service: 'noisy', timestamp: NOW + i });
    const kept = noise(0);
    await registry.command('t', kept, { kind: 'ignore', at: NOW, by: 'me' });
    const resolved = noise(50);
    await registry.command('t', resolved, { kind: 'resolve', at: NOW, by: 'me' });
    for (let i = 1; i < 150; i++) if (i !== 50) noise(i);
    // The one that was resolved gave way; the rest of the noise stands in one group.
    expect(registry.find('t', resolved)).toBeUndefined();
    expect(registry.list('t')).toHaveLength(101);
    expect(await counted('pharos_errors_ungrouped_total')).toEqual(['service 49']);
    const quiet = Array.from({ length: 70 }, (_, i) =>
      take({ fingerprint: [`quiet ${i}`], message: 'y', service: 'quiet', timestamp: NOW + 1000 + i }),
    );
    // Half of them each, and what somebody decided on stays.
    expect(quiet.filter((id) => registry.find('t', id)?.services.has('quiet')).length).toBe(70);
    expect(new Set(quiet).size).toBe(51);
    expect(registry.find('t', kept)?.state.status).toBe('ignored');
    expect(registry.list('t')).toHaveLength(101);
    expect(await counted('pharos_errors_groups_evicted_total')).toEqual(['resolved 1', 'share 50']);
    await registry.save();
    expect(state.list(groupKind, 't')).toHaveLength(101);
    // A day later what nobody has seen since gives way to its own service's new ones.
    await clock.advance(2 * 86_400_000);
    const later = take({ fingerprint: ['later'], message: 'y', service: 'quiet', timestamp: clock.now() });
    expect(registry.find('t', later)?.count).toBe(1);
    expect(await counted('pharos_errors_groups_evicted_total')).toContain('idle 1');
  });
});
