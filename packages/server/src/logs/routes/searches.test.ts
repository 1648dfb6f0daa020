import { afterEach, expect, it } from 'vitest';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { SavedSearches } from '../saved/store.ts';
import { searchesApi } from './searches.ts';

const PATH = '/api/v1/logs/searches';
const NOW = Date.UTC(2026, 0, 1);
let app: HttpApp;
afterEach(() => app.close());

async function setup(most?: number) {
  const state = await openTestState();
  const open = () => new SavedSearches(state, new ManualClock(NOW), most);
  let ids = 0;
  app = await openTestApp([searchesApi({ searches: open(), newId: () => `s${++ids}` })]);
  const send = (method: 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) =>
    app.inject({ method, url: `${PATH}${path}`, ...(payload === undefined ? {} : { payload }) });
  const names = async (headers = {}): Promise<string[]> =>
    (await app.inject({ url: PATH, headers })).json().searches.map(({ name }: { name: string }) => name);
  return { open, send, names };
}

const FAILED = { name: 'Failed orders', query: '{service_name="order"} |= "failed"', range: '1h' };

it('keeps searches by name, renames and removes them, each tenant its own', async () => {
  const { open, send, names } = await setup();
  const made = await send('POST', '', FAILED);
  const kept = { ...FAILED, id: 's1', savedAt: NOW, savedBy: '', version: expect.any(Number) };
  expect([made.statusCode, made.json()]).toEqual([201, kept]);
  await send('POST', '', { name: ' A ', query: '{a="b"}' });
  expect([await names(), await names(BLUE)]).toEqual([['A', 'Failed orders'], []]);
  const renamed = await send('PUT', '/s1', {
    name: 'Orders',
    query: FAILED.query,
    version: made.json().version,
  });
  expect(renamed.json().version).toBeGreaterThan(made.json().version);
  // Durable: another store over the same state has it.
  expect(open().list('default')).toMatchObject([
    { name: 'A' },
    { name: 'Orders', version: renamed.json().version },
  ]);
  expect((await send('DELETE', '/s1')).statusCode).toBe(204);
  expect(await names()).toEqual(['A']);
});

it('says what is wrong', async () => {
  const { send } = await setup(2);
  const made = await send('POST', '', FAILED);
  const refused = async (answer: ReturnType<typeof send>): Promise<[number, string]> => {
    const { statusCode, json } = await answer;
    return [statusCode, json<{ error: { message: string } }>().error.message];
  };
  expect(await refused(send('POST', '', FAILED))).toEqual([
    409,
    'name: there is a saved search "Failed orders" already',
  ]);
  expect(await refused(send('POST', '', { name: 'x', query: '{a=' }))).toEqual([
    400,
    expect.stringMatching(/parse error at line 1, col 4/),
  ]);
  for (const wrong of [{ name: '  ' }, { range: 'soon' }, { query: '' }, { more: 1 }])
    expect(
      (await refused(send('POST', '', { ...FAILED, name: 'x', ...wrong })))[0],
      JSON.stringify(wrong),
    ).toBe(400);
  expect(await refused(send('PUT', '/s1', { ...FAILED, version: 7 }))).toEqual([
    409,
    `"Failed orders" has version ${made.json().version}; the change was made on version 7`,
  ]);
  expect((await refused(send('PUT', '/gone', FAILED)))[0]).toBe(404);
  expect((await refused(send('DELETE', '/gone')))[0]).toBe(404);
  expect((await send('POST', '', { name: 'two', query: '{a="b"}' })).statusCode).toBe(201);
  expect((await refused(send('POST', '', { name: 'three', query: '{a="b"}' })))[0]).toBe(422);
});
