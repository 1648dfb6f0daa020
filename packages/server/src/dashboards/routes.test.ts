import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { installDocs, installOpenApi } from '../http/docs.ts';
import { BLUE, openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import { openTestState } from '../journal/testing/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { builtInDashboards, DashboardStore, dashboardsApi } from './index.ts';

const URL = '/api/v1/dashboards';
let app: HttpApp;
afterEach(() => app.close());

async function start() {
  let made = 0;
  const store = new DashboardStore({
    state: await openTestState(),
    clock: new ManualClock(Date.UTC(2026, 0, 1)),
    versionsKept: 5,
    builtIn: builtInDashboards(),
  });
  app = await openTestApp([dashboardsApi({ store, newUid: () => `made${++made}` })]);
}
const ask = async (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  payload?: object,
  headers = {},
) => {
  const answer = await app.inject({ method, url: `${URL}${path}`, headers, ...(payload && { payload }) });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? null : answer.json(),
    etag: answer.headers['etag'],
  };
};
const make = (dashboard: object, headers = {}) => ask('POST', '', { dashboard }, headers);

describe('dashboardsApi', () => {
  it('makes, reads, changes and removes; the version is the ETag', async () => {
    await start();
    const made = await make({ title: 'CPU', tags: ['a'], folder: 'Team', panels: [] });
    expect([made.status, made.etag, made.body.dashboard.uid, made.body.builtIn]).toEqual([
      201,
      '"1"',
      'made1',
      false,
    ]);
    const changed = { ...made.body.dashboard, title: 'CPU and memory' };
    const saved = await ask('PUT', '/made1', { dashboard: changed, message: 'more' }, { 'if-match': '"1"' });
    expect([saved.status, saved.etag, saved.body.message]).toEqual([200, '"2"', 'more']);
    const late = await ask('PUT', '/made1', { dashboard: changed, version: 1 });
    expect([late.status, late.body.error.code, late.body.error.details]).toEqual([
      409,
      'dashboards.conflict',
      { version: 2, savedBy: '', savedAt: Date.UTC(2026, 0, 1) },
    ]);
    expect((await ask('DELETE', '/made1', undefined, { 'if-match': '"1"' })).status).toBe(409);
    expect((await ask('DELETE', '/made1')).status).toBe(204);
    expect((await ask('GET', '/made1')).status).toBe(404);
  });

  it('finds by words, tag, folder and star, with what there is to choose from', async () => {
    await start();
    await make({ title: 'CPU of machines', tags: ['infra'], folder: 'Team' });
    await make({ title: 'Orders', tags: ['shop'] });
    expect((await ask('PUT', '/made2/star')).status).toBe(204);
    const titles = async (query: string) =>
      (await ask('GET', query)).body.dashboards.map((d: { title: string }) => d.title);
    expect(await titles('?query=team%20cpu')).toEqual(['CPU of machines']);
    expect(await titles('?tag=infra')).toEqual(['CPU of machines']);
    expect(await titles('?folder=Team')).toEqual(['CPU of machines']);
    expect(await titles('?starred=true')).toEqual(['Orders']);
    expect(await titles('')).toContain('System Health');
    const { body } = await ask('GET', '');
    expect(body.folders).toContainEqual({ name: 'Team', count: 1 });
    expect(body.tags).toContainEqual({ name: 'shop', count: 2 });
    expect((await ask('DELETE', '/made2/star')).status).toBe(204);
    expect(await titles('?starred=true')).toEqual([]);
  });

  it('keeps the past readable and brings it back', async () => {
    await start();
    await make({ title: 'one' });
    await ask('PUT', '/made1', { dashboard: { title: 'two' }, message: 'renamed' });
    const { body } = await ask('GET', '/made1/versions');
    expect(body.versions.map((v: { version: number; message: string }) => [v.version, v.message])).toEqual([
      [2, 'renamed'],
      [1, ''],
    ]);
    expect((await ask('GET', '/made1/versions/1')).body.dashboard.title).toBe('one');
    const back = await ask('POST', '/made1/versions/1/restore');
    expect([back.body.version, back.body.dashboard.title]).toEqual([3, 'one']);
    expect((await ask('GET', '/made1/versions/9')).status).toBe(404);
    expect((await ask('GET', '/ghost/versions')).status).toBe(404);
  });

  it('belongs to its tenant; what comes with Pharos belongs to all', async () => {
    await start();
    await make({ uid: 'same', title: 'ours' });
    await make({ uid: 'same', title: 'theirs' }, BLUE);
    await ask('PUT', '/same/star', undefined, BLUE);
    expect((await ask('GET', '/same')).body.dashboard.title).toBe('ours');
    expect((await ask('GET', '/same', undefined, BLUE)).body).toMatchObject({
      starred: true,
      savedBy: 'admin',
    });
    expect((await ask('DELETE', '/same', undefined, BLUE)).status).toBe(204);
    expect((await ask('GET', '/same/versions', undefined, BLUE)).status).toBe(404);
    expect((await ask('GET', '/same/versions')).body.versions).toHaveLength(1);
    expect((await ask('GET', '/pharos-itself', undefined, BLUE)).body.builtIn).toBe(true);
    expect((await ask('PUT', '/pharos-itself', { dashboard: { title: 'x' } })).status).toBe(403);
  });

  it('refuses what is no dashboard, naming the field', async () => {
    await start();
    const panel = { id: 1, type: 'timeseries', grid: { x: 0, y: 0, w: 1, h: 1 } };
    for (const [dashboard, problem] of [
      [{}, /title/],
      [{ title: 'x', uid: 'a b' }, /letters, digits/],
      [{ title: 'x', widgets: [] }, /widgets/],
      [{ title: 'x', panels: [{ ...panel, type: 'pie' }] }, /panels\.0\.type/],
      [{ title: 'x', panels: [panel, panel] }, /same id/],
      [{ title: 'x', panels: [{ ...panel, links: [{ url: 'javascript:alert(1)' }] }] }, /http/],
      [{ title: 'x', panels: [{ ...panel, grid: { x: 99, y: 0, w: 1, h: 1 } }] }, /grid\.x/],
    ] as const) {
      const { status, body } = await make(dashboard);
      expect([status, body.error.message]).toEqual([400, expect.stringMatching(problem)]);
    }
    expect((await ask('PUT', '/x', { dashboard: { title: 'x' } }, { 'if-match': 'soon' })).status).toBe(400);
  });

  it("takes Grafana's JSON with a report, looks without saving, and gives it back", async () => {
    await start();
    const json = JSON.parse(
      await readFile(new globalThis.URL('./grafana/testdata/redis.json', import.meta.url), 'utf8'),
    );
    const look = await ask('POST', '/import', { json, save: false });
    expect([look.status, look.body.saved]).toEqual([200, null]);
    expect(look.body.notes.map((n: { where: string }) => n.where)).toContain('panel "Logs" (11)');
    const taken = await ask('POST', '/import', { json, folder: 'Imported', title: 'Caches' });
    expect([taken.status, taken.body.dashboard.title, taken.body.dashboard.folder]).toEqual([
      201,
      'Caches',
      'Imported',
    ]);
    const { uid } = taken.body.dashboard;
    expect((await ask('POST', '/import', { json })).status).toBe(409);
    expect((await ask('POST', '/import', { json, overwrite: true })).body.saved.version).toBe(2);
    const own = await ask('GET', `/${uid}/export?format=pharos`);
    const again = await ask('POST', '/import', { json: own.body, uid: 'copy' });
    expect([again.status, again.body.notes]).toEqual([201, []]);
    expect((await ask('GET', `/${uid}/export`)).body.schemaVersion).toBe(39);
    for (const bad of [null, [], 'x', {}, { panels: 3 }, { spec: { elements: {} } }, { model: 1 }])
      expect((await ask('POST', '/import', { json: bad })).status).toBe(400);
  });

  it('stands in the OpenAPI document', async () => {
    await start();
    const store = new DashboardStore({
      state: await openTestState(),
      clock: new ManualClock(0),
      versionsKept: 1,
      builtIn: [],
    });
    const documented = await openTestApp([]);
    await installOpenApi(documented, '0');
    await documented.register(async (scope: HttpApp) =>
      dashboardsApi({ store, newUid: () => 'x' }).register(scope),
    );
    installDocs(documented);
    const answer = await documented.inject({ url: '/openapi.json' });
    expect(Object.keys(answer.json().paths)).toContain('/api/v1/dashboards/{uid}/versions/{version}/restore');
    await documented.close();
  });
});
