import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { apiUrl, basePathOf } from './base.ts';
import { ApiError, request } from './client.ts';

const schema = z.object({ ok: z.boolean() });
const answer = (status: number, body: string) =>
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status })));
const failure = async () => {
  const error: unknown = await request('api/x', schema).catch((cause: unknown) => cause);
  if (!(error instanceof ApiError)) throw new Error('expected an ApiError');
  return error;
};

afterEach(() => vi.unstubAllGlobals());

describe('a request', () => {
  it('gives the checked answer', async () => {
    answer(200, '{"ok":true}');
    expect(await request('api/x', schema)).toEqual({ ok: true });
  });

  it.each([
    [400, '{"error":{"code":"x","message":"window: bad"}}', 'refused', 'window: bad'],
    [404, '{"status":"error","error":"no such thing"}', 'refused', 'no such thing'],
    [503, '{"message":"starting"}', 'broken', 'starting'],
    [502, '<html>proxy</html>', 'broken', ''],
    [200, 'pong', 'contract', 'not JSON'],
    [200, '{"ok":1}', 'contract', 'ok:'],
  ])('tells %d %j as %s', async (status, body, kind, part) => {
    answer(status, body);
    const error = await failure();
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(part);
    expect(error.message).not.toContain('<html>');
  });

  it('without any answer is offline, and one that was given up stays what it was', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
    expect((await failure()).kind).toBe('offline');
    const controller = new AbortController();
    controller.abort();
    await expect(request('api/x', schema, { signal: controller.signal })).rejects.toBeInstanceOf(TypeError);
  });
});

describe('addresses', () => {
  it('follow the base path that the built module lies under', () => {
    expect(basePathOf('https://host/tools/pharos/assets/index-1.js', true)).toBe('/tools/pharos/');
    expect(basePathOf('https://host/assets/index-1.js', true)).toBe('/');
    expect(basePathOf('http://localhost:5173/src/api/base.ts', false)).toBe('/');
  });

  it('leave out parameters without a value', () => {
    expect(apiUrl('api/x', { window: '5m', service: undefined, q: '' })).toBe('/api/x?window=5m');
  });
});
