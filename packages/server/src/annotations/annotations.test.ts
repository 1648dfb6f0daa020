import { afterEach, describe, expect, it } from 'vitest';
import { BLUE, openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import { openTestState } from '../journal/testing/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { createServiceNames } from '../kernel/names.ts';
import { AnnotationStore, annotationsApi } from './index.ts';

let app: HttpApp;
afterEach(() => app.close());
const NOW = Date.UTC(2026, 0, 1);

async function setup() {
  const store = new AnnotationStore(await openTestState());
  app = await openTestApp([
    annotationsApi({ store, clock: new ManualClock(NOW), names: createServiceNames(new Map()) }),
  ]);
  const blue = BLUE;
  return {
    store,
    post: (payload: object, headers = {}) =>
      app.inject({ method: 'POST', url: '/api/v1/annotations', payload, headers }),
    list: async (query = '', headers = {}) =>
      (await app.inject({ url: `/api/v1/annotations${query}`, headers }))
        .json()
        .annotations.map((a: { title: string }) => a.title),
    remove: (id: string) => app.inject({ method: 'DELETE', url: `/api/v1/annotations/${id}` }),
    blue,
  };
}

describe('annotations', () => {
  it('are made now by default, under the canonical service, and replaced by their id', async () => {
    const { post, list } = await setup();
    const made = await post({ id: 'd1', kind: 'deployment', service: 'order-service', title: 'order 1' });
    expect([made.statusCode, made.json()]).toEqual([
      201,
      { id: 'd1', kind: 'deployment', service: 'order', title: 'order 1', text: '', tags: [], time: NOW },
    ]);
    await post({ id: 'd1', title: 'order 1, again' });
    await post({ title: 'for all', time: NOW / 1000 - 60 });
    expect(await list()).toEqual(['for all', 'order 1, again']);
  });

  it('are found by time and service; those of no service in particular always', async () => {
    const { post, list } = await setup();
    await post({ title: 'user', service: 'user', time: NOW - 3_600_000, timeEnd: NOW - 1_800_000 });
    await post({ title: 'all', time: new Date(NOW - 60_000).toISOString() });
    expect(await list('?service=order')).toEqual(['all']);
    expect(await list(`?from=${NOW - 2_000_000}&to=${NOW - 1_700_000}`)).toEqual(['user']);
    expect(await list(`?from=${NOW - 100_000}&to=${NOW}`)).toEqual(['all']);
  });

  it('belong to their tenant', async () => {
    const { post, list, blue } = await setup();
    await post({ title: 'ours' });
    await post({ title: 'theirs' }, blue);
    expect([await list(), await list('', blue)]).toEqual([['ours'], ['theirs']]);
  });

  it('are refused with the field and what was expected', async () => {
    const { post, remove } = await setup();
    for (const [payload, problem] of [
      [{}, /body\.title/],
      [{ title: 'x', when: 1 }, /when/],
      [{ title: 'x', time: 'yesterday' }, /body\.time: "yesterday" is not a time/],
      [{ title: 'x', time: '1990-01-01T00:00:00Z' }, /outside the last year/],
      [{ title: 'x', kind: 'party' }, /body\.kind/],
    ] as const) {
      const answer = await post(payload);
      expect([answer.statusCode, answer.json().error.message]).toEqual([400, expect.stringMatching(problem)]);
    }
    expect((await remove('ghost')).statusCode).toBe(404);
  });
});
