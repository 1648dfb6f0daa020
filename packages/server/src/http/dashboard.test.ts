import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installDashboard } from './dashboard.ts';
import { openTestApp } from './testing/test-app.ts';
import type { HttpApp } from './types.ts';

let app: HttpApp;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pharos-dashboard-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<html><head></head></html>');
  await writeFile(join(directory, 'assets/a.js'), 'plain'.repeat(1000));
  // Another content, so that it shows which of the two was sent.
  await writeFile(join(directory, 'assets/a.js.gz'), gzipSync('compressed'));
  await writeFile(join(directory, 'assets/b.js'), 'small');
  app = await openTestApp([]);
  await installDashboard(app, directory, '/base/');
});
afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true });
});

it('sends files as the build has compressed them to those who take that', async () => {
  const get = async (url: string, encoding: string) => {
    const { headers, rawPayload } = await app.inject({ url, headers: { 'accept-encoding': encoding } });
    const zipped = headers['content-encoding'] === 'gzip';
    return [zipped, String(zipped ? gunzipSync(rawPayload) : rawPayload), headers['content-type']];
  };
  const script = 'application/javascript; charset=utf-8';
  expect(await get('/assets/a.js', 'gzip, deflate, br, zstd')).toEqual([true, 'compressed', script]);
  expect(await get('/assets/a.js', 'identity')).toEqual([false, 'plain'.repeat(1000), script]);
  // What the build left alone is compressed on its way.
  expect(await get('/assets/b.js', 'gzip, br')).toEqual([true, 'small', script]);
});

it('anchors the shell below the base path, at any depth', async () => {
  const { body, headers } = await app.inject({ url: '/traces/abc', headers: { accept: 'text/html' } });
  expect([body, headers['cache-control']]).toEqual([
    '<html><head><base href="/base/"></head></html>',
    'no-cache',
  ]);
});
