import type { IncomingHttpHeaders } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PharosError } from '../../kernel/errors.ts';
import { discoveryShape } from './config.ts';
import { createHttpDiscoverer, parseGroups } from './http.ts';
import { discoveryDeps, type FakeServer, fakeServer, flat, follow, json } from './testing/harness.ts';

let server: FakeServer;
afterEach(() => server.close());

function configured(url: string, extra: object = {}) {
  const [config] = discoveryShape.http_sd_configs.parse([{ url, ...extra }]);
  if (config === undefined) throw new Error('unreachable');
  return config;
}

describe('http_sd_configs', () => {
  it('asks every interval with its credentials, labels what it finds, and keeps the last good answer', async () => {
    let status = 200;
    let seen: IncomingHttpHeaders = {};
    let groups: unknown = [{ targets: ['a:1', 'b:2'], labels: { zone: 'x' } }];
    server = await fakeServer((request, response) => {
      seen = request.headers;
      response.statusCode = status;
      json(response, groups);
    });
    const deps = discoveryDeps();
    const url = `${server.url}/targets`;
    const discoverer = createHttpDiscoverer(
      configured(url, { basic_auth: { username: 'me', password: 'pw' } }),
      deps,
    );
    const updates = follow(discoverer);
    await vi.waitFor(() => expect(updates).toHaveLength(1), { timeout: 30_000 });
    expect(flat(updates[0])).toEqual([
      { __address__: 'a:1', zone: 'x', __meta_url: url },
      { __address__: 'b:2', zone: 'x', __meta_url: url },
    ]);
    expect(seen).toMatchObject({
      authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
      'x-prometheus-refresh-interval-seconds': '60',
    });
    status = 500;
    await vi.waitFor(
      async () => {
        await deps.clock.advance(60_000);
        expect(deps.failures.length).toBeGreaterThan(1);
      },
      { timeout: 30_000 },
    );
    expect(updates).toHaveLength(1);
    expect(deps.log.warn).toHaveBeenCalledTimes(1);
    status = 200;
    groups = [];
    await vi.waitFor(
      async () => {
        await deps.clock.advance(60_000);
        expect(updates.at(-1)).toEqual([]);
      },
      { timeout: 30_000 },
    );
    discoverer.stop();
  });

  it.each([
    ['text/html', '[]', 'Content-Type "text/html"'],
    ['application/json', '{', 'did not answer with JSON'],
    ['application/json', '{"targets":[]}', 'the list: '],
    ['application/json', '[{"targets":["a:1"],"label":{}}]', '0: '],
  ])('refuses %s %s, says why, and soon asks again', async (type, body, message) => {
    server = await fakeServer((_request, response) => {
      response.setHeader('content-type', type);
      response.end(body);
    });
    const deps = discoveryDeps();
    const discoverer = createHttpDiscoverer(configured(server.url), deps);
    const updates = follow(discoverer);
    await vi.waitFor(() => expect(deps.failures).toHaveLength(1), { timeout: 30_000 });
    expect(deps.log.warn).toHaveBeenCalledWith(
      expect.objectContaining({ error: expect.stringContaining(message) }),
      expect.any(String),
    );
    await vi.waitFor(
      async () => {
        await deps.clock.advance(5_000);
        expect(deps.failures.length).toBeGreaterThan(1);
      },
      { timeout: 30_000 },
    );
    expect(updates).toEqual([]);
    discoverer.stop();
  });

  it('fails only with its own error, whatever the text', async () => {
    server = await fakeServer((_request, response) => response.end());
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseGroups('http://sd', text);
        } catch (error) {
          expect(error).toBeInstanceOf(PharosError);
        }
      }),
    );
  });

  it('refuses addresses that are not HTTP', () => {
    expect(discoveryShape.http_sd_configs.safeParse([{ url: 'file:///etc/passwd' }]).success).toBe(false);
  });
});
