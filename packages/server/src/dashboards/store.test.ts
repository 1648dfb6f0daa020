import { describe, expect, it } from 'vitest';
import { openTestState } from '../journal/testing/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { builtInDashboards } from './builtin/index.ts';
import { type DashboardInput, dashboard } from './model.ts';
import { DashboardStore } from './store.ts';

const NOW = Date.UTC(2026, 0, 1);

async function open(versionsKept = 3) {
  const state = await openTestState();
  const clock = new ManualClock(NOW);
  const store = new DashboardStore({ state, clock, versionsKept, builtIn: builtInDashboards() });
  const save = (title: string, expected: number | 'absent' | 'any', more: Partial<DashboardInput> = {}) =>
    store.save({
      tenant: 'default',
      user: 'ada',
      message: title,
      expected,
      dashboard: dashboard.parse({ uid: 'mine', title, ...more }),
    });
  return { store, save, clock };
}

describe('DashboardStore', () => {
  it('counts versions, keeps the newest and restores an older one as the newest', async () => {
    const { store, save, clock } = await open(3);
    await save('one', 'absent');
    await clock.advance(1000);
    for (const [title, on] of [
      ['two', 1],
      ['three', 2],
      ['four', 3],
    ] as const)
      await save(title, on);
    expect(store.get('default', 'mine')).toMatchObject({
      version: 4,
      createdAt: NOW,
      savedAt: NOW + 1000,
      createdBy: 'ada',
    });
    expect(store.versions('default', 'mine').map(({ version, message }) => [version, message])).toEqual([
      [4, 'four'],
      [3, 'three'],
      [2, 'two'],
    ]);
    await store.restore('default', 'bob', 'mine', 2);
    expect(store.get('default', 'mine')).toMatchObject({
      version: 5,
      savedBy: 'bob',
      message: 'version 2 restored',
    });
    expect(store.get('default', 'mine').dashboard.title).toBe('two');
    await expect(store.restore('default', 'bob', 'mine', 1)).rejects.toMatchObject({
      code: 'dashboards.unknownVersion',
    });
  });

  it('lets one of two changes of the same version win and tells the other who was first', async () => {
    const { store, save } = await open();
    await save('one', 'absent');
    const both = await Promise.allSettled([save('left', 1), save('right', 1)]);
    const refused = both.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({
      code: 'dashboards.conflict',
      status: 409,
      details: { version: 2, savedBy: 'ada', savedAt: NOW },
    });
    expect(store.get('default', 'mine').version).toBe(2);
    await expect(save('again', 'absent')).rejects.toMatchObject({ code: 'dashboards.exists' });
    await expect(save('again', 7)).rejects.toMatchObject({ code: 'dashboards.conflict' });
    expect((await save('last one wins', 'any')).version).toBe(3);
  });

  it('forgets the past with the dashboard, and starts anew', async () => {
    const { store, save } = await open();
    await save('one', 'absent');
    await store.star('default', 'ada', 'mine', true);
    await expect(store.remove('default', 'mine', 9)).rejects.toMatchObject({ code: 'dashboards.conflict' });
    await store.remove('default', 'mine', 1);
    expect(store.find('default', 'mine')).toBeUndefined();
    expect(store.stars('default', 'ada').size).toBe(0);
    await save('new', 'absent');
    expect(store.versions('default', 'mine')).toHaveLength(1);
  });

  it('keeps every past within its bytes', async () => {
    const { store, save } = await open(200);
    const wide = (n: number): Partial<DashboardInput> => ({
      panels: [0, 1, 2, 3].map((id) => ({
        id,
        type: 'text',
        grid: { x: 0, y: 0, w: 1, h: 1 },
        options: { content: String(n).repeat(90_000) },
      })),
    });
    await save('0', 'absent', wide(0));
    for (let n = 1; n < 15; n++) await save(String(n), n, wide(n % 10));
    const kept = store.versions('default', 'mine');
    expect(JSON.stringify(kept).length).toBeLessThan(4.2 * 1024 * 1024);
    expect([kept[0]?.version, kept.length]).toEqual([15, 11]);
    await expect(
      save('too large', 15, {
        panels: Array.from({ length: 6 }, (_, id) => ({ ...wide(1).panels![0]!, id })),
      }),
    ).rejects.toMatchObject({ code: 'dashboards.tooLarge' });
  });

  it('never writes what comes with Pharos', async () => {
    const { store } = await open();
    const [first] = builtInDashboards();
    const request = { tenant: 'default', user: '', message: '', dashboard: first!, expected: 'any' as const };
    await expect(store.save(request)).rejects.toMatchObject({ code: 'dashboards.builtIn', status: 403 });
    await expect(store.remove('default', first!.uid, 'any')).rejects.toMatchObject({
      code: 'dashboards.builtIn',
    });
    await store.star('default', 'ada', first!.uid, true);
    expect([...store.stars('default', 'ada')]).toEqual([first!.uid]);
    expect(store.versions('default', first!.uid)).toHaveLength(1);
  });
});
