import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { transform } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileSystem, nodeFileSystem, type OpenStateStore } from '../../journal/index.ts';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { errorsSection } from '../config.ts';
import type { ErrorEvent } from '../event.ts';
import { fingerprintOf } from '../grouping/fingerprint.ts';
import { fromJson } from '../ingest/json.ts';
import { SourceMaps } from './store.ts';

const SOURCE = `type Order = { id: number };
function reserveStock(order: Order): never {
  throw new Error('no stock for order ' + order.id);
}
export function placeOrder(order: Order) {
  return reserveStock(order);
}
`;

let directory: string;
let state: OpenStateStore;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pharos-maps-'));
  state = await openTestState();
});
afterEach(() => rm(directory, { recursive: true }));

function open(config: object = {}, fs: FileSystem = nodeFileSystem): SourceMaps {
  const settings = errorsSection.schema.parse({ source_maps: config }).source_maps;
  return new SourceMaps({ directory, fs, state, clock: new ManualClock(), log: silentLog, config: settings });
}

/** Compiles the source as a build does, runs it, and gives the error that it throws with the map of the build. */
async function build(release: string, code = SOURCE): Promise<{ event: ErrorEvent; map: Uint8Array }> {
  const built = await transform(code, {
    loader: 'ts',
    format: 'cjs',
    minify: true,
    sourcemap: true,
    sourcefile: 'src/order.ts',
    sourcesContent: true,
  });
  const file = `/srv/${release}/dist/main.js`;
  const exported: { placeOrder?: (order: object) => unknown } = {};
  const module = { exports: exported };
  runInNewContext(built.code, { module, exports: exported }, { filename: file });
  const { placeOrder } = module.exports;
  let stack = '';
  try {
    placeOrder?.({ id: 7 });
  } catch (error) {
    stack = typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : '';
  }
  const event = fromJson(
    { service: 'order', release, name: 'Error', message: 'no stock for order 7', stack },
    { id: '0'.repeat(32), now: 0, serviceOf: (name) => name },
  );
  if (typeof event === 'string') throw new Error(event);
  return { event, map: Buffer.from(built.map) };
}

describe('source maps', () => {
  it('show minified frames as their sources have them, in the same group whatever the build', async () => {
    const maps = open();
    const one = await build('1.0.0');
    const two = await build(
      '1.1.0',
      `export const unused = (aa: number) => aa + 1;\nexport function other() { return unused(2); }\n${SOURCE}`,
    );
    await maps.put('t', { release: '1.0.0', file: 'dist/main.js', debugId: '' }, one.map);
    await maps.put('t', { release: '1.1.0', file: 'dist/main.js', debugId: '' }, two.map);
    const [first, second] = [await maps.mapped('t', one.event), await maps.mapped('t', two.event)];
    expect(first.exceptions[0]?.frames[0]).toMatchObject({
      function: 'reserveStock',
      file: 'src/order.ts',
      line: 3,
      context: { line: "  throw new Error('no stock for order ' + order.id);" },
      generated: { file: '/srv/1.0.0/dist/main.js' },
    });
    expect(fingerprintOf(second).hash).toBe(fingerprintOf(first).hash);
    expect(await maps.mapped('t', first)).toEqual(first);
    expect(await maps.mapped('other tenant', one.event)).toBe(one.event);
  });

  it('are found by debug id, over a restart, and without their file frames stay as they are', async () => {
    const { event, map } = await build('1.0.0');
    const debugId = 'a'.repeat(32);
    await open().put('t', { release: '', file: '', debugId }, map);
    const built = {
      ...event,
      release: 'other',
      debugIds: [['/srv/1.0.0/dist/main.js', debugId] satisfies [string, string]],
    };
    expect((await open().mapped('t', built)).exceptions[0]?.frames[0]?.file).toBe('src/order.ts');
    for (const folder of await readdir(directory))
      for (const file of await readdir(join(directory, folder)))
        await writeFile(join(directory, folder, file), '{');
    expect(await open().mapped('t', built)).toEqual(built);
  });

  it('are refused when they are none or too large, and the oldest give way', async () => {
    const maps = open({ max_file: 200, max_total: 300 });
    const of = (file: string) => ({ release: '1', file, debugId: '' });
    const map = Buffer.from(
      JSON.stringify({ version: 3, sources: ['a'], names: [], mappings: 'AAAA', x: 'y'.repeat(50) }),
    );
    await expect(maps.put('t', of('a'), Buffer.from('{"version":2}'))).rejects.toMatchObject({
      code: 'errors.malformed',
    });
    await expect(maps.put('t', of('a'), Buffer.alloc(201))).rejects.toMatchObject({
      code: 'errors.tooLarge',
    });
    await expect(maps.put('t', of(''), map)).rejects.toMatchObject({ code: 'errors.badParameter' });
    for (const file of ['a', 'b', 'c']) await maps.put('t', of(file), map);
    expect(maps.list('t').length).toBe(2);
  });

  it('that point beyond their own sources leave the event as it is', async () => {
    const maps = open();
    const { event } = await build('1.0.0');
    const beyond = { version: 3, sources: [], names: [], mappings: 'AEEA,CAAC' };
    await maps.put(
      't',
      { release: '1.0.0', file: 'dist/main.js', debugId: '' },
      Buffer.from(JSON.stringify(beyond)),
    );
    expect(await maps.mapped('t', event)).toEqual(event);
  });

  it('that come for one file at once are kept one after the other, and what is kept can be read', async () => {
    const maps = open();
    const { event, map } = await build('1.0.0');
    const of = { release: '1.0.0', file: 'dist/main.js', debugId: '' };
    await Promise.all(Array.from({ length: 8 }, () => maps.put('t', of, map)));
    expect(maps.list('t')).toHaveLength(1);
    expect((await maps.mapped('t', event)).exceptions[0]?.frames[0]?.file).toBe('src/order.ts');
    const [folder = ''] = await readdir(directory);
    expect(await readdir(join(directory, folder))).toHaveLength(1);
  });

  it('are read once however many events need them at the same time', async () => {
    const { event, map } = await build('1.0.0');
    await open().put('t', { release: '1.0.0', file: 'dist/main.js', debugId: '' }, map);
    let reads = 0;
    const maps = open(
      {},
      { ...nodeFileSystem, open: (path, mode) => (reads++, nodeFileSystem.open(path, mode)) },
    );
    const mapped = await Promise.all(Array.from({ length: 50 }, () => maps.mapped('t', event)));
    expect(mapped.every(({ exceptions }) => exceptions[0]?.frames[0]?.file === 'src/order.ts')).toBe(true);
    expect(reads).toBe(1);
  });

  it('are so many at most, and the oldest give way', async () => {
    const maps = open({ max_maps: 3 });
    const map = Buffer.from(JSON.stringify({ version: 3, sources: ['a'], names: [], mappings: 'AAAA' }));
    for (const file of ['a', 'b', 'c', 'd']) await maps.put('t', { release: '1', file, debugId: '' }, map);
    expect(maps.list('t')).toHaveLength(3);
  });
});
