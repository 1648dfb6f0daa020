import diagnosticsChannel from 'node:diagnostics_channel';
import http, { get, type IncomingHttpHeaders, request } from 'node:http';
import https from 'node:https';
import { request as undiciRequest } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Pharos } from '../pharos.ts';
import { type Listening, listen, testPharos } from '../testing/harness.ts';

let server: Listening;
let pharos: Pharos | null = null;
const original = { request: http.request, get: http.get, https: https.request };

beforeAll(async () => {
  server = await listen((incoming, response) => response.end(JSON.stringify(incoming.headers)));
});
afterAll(() => server.close());
afterEach(() => pharos?.stop());

const IDS = {
  'x-request-id': 'r1',
  'x-correlation-id': 'c1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

function viaHttp(
  start: (done: (response: http.IncomingMessage) => void) => http.ClientRequest,
): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const outgoing = start((response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(JSON.parse(text) as IncomingHttpHeaders));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const CLIENTS: Record<string, (headers: Record<string, string>) => Promise<IncomingHttpHeaders>> = {
  'global fetch': async (headers) =>
    (await (await fetch(server.url, { headers })).json()) as IncomingHttpHeaders,
  undici: async (headers) =>
    (await (await undiciRequest(server.url, { headers })).body.json()) as IncomingHttpHeaders,
  'http.request': (headers) => viaHttp((done) => http.request(server.url, { headers }, done)),
  'http.get': (headers) => viaHttp((done) => http.get(new URL(server.url), { headers }, done)),
  'request imported by name': (headers) => viaHttp((done) => request(server.url, { headers }, done)),
  'get imported by name': (headers) => viaHttp((done) => get(server.url, { headers }, done)),
};

describe.each(Object.entries(CLIENTS))('%s', (_name, call) => {
  it('carries the ids of the running request', async () => {
    pharos = testPharos({ propagation: true }).pharos;
    expect(await pharos.runInContext(() => call({}), IDS)).toMatchObject(IDS);
  });

  it('keeps what the caller set, and adds nothing outside a request', async () => {
    pharos = testPharos({ propagation: true }).pharos;
    const own = await pharos.runInContext(() => call({ 'X-Request-ID': 'mine' }), IDS);
    expect(own).toMatchObject({ ...IDS, 'x-request-id': 'mine' });
    expect(await call({})).not.toHaveProperty('x-request-id');
  });

  it('stops with the instance', async () => {
    const stopped = testPharos({ propagation: true }).pharos;
    await stopped.stop();
    expect(await stopped.runInContext(() => call({}), IDS)).not.toHaveProperty('x-request-id');
  });

  it('asks allow for the host', async () => {
    const hosts: string[] = [];
    pharos = testPharos({ propagation: { allow: (host) => hosts.push(host) < 0 } }).pharos;
    expect(await pharos.runInContext(() => call({}), IDS)).not.toHaveProperty('x-request-id');
    expect(hosts).toEqual([new URL(server.url).host]);
  });
});

it('survives an undici it does not understand', () => {
  pharos = testPharos({ propagation: true }).pharos;
  const channel = diagnosticsChannel.channel('undici:request:create');
  const broken = (): never => {
    throw new Error('no headers here');
  };
  pharos.runInContext(() => {
    for (const message of [
      undefined,
      {},
      { request: 1 },
      { request: {} },
      { request: { addHeader: broken, origin: 'http://x' } },
    ])
      channel.publish(message);
  });
});

it('puts the modules back as they were', async () => {
  const first = testPharos({ propagation: true }).pharos;
  expect(http.request).not.toBe(original.request);
  await first.stop();
  expect({ request: http.request, get: http.get, https: https.request }).toEqual(original);
});

it('leaves a wrapper that came later in place, and is silent below it', async () => {
  const first = testPharos({ propagation: true }).pharos;
  const ours = http.request;
  const theirs: typeof http.request = (...args: unknown[]) =>
    Reflect.apply(ours, http, args) as http.ClientRequest;
  http.request = theirs;
  await first.stop();
  expect(http.request).toBe(theirs);
  const headers = await first.runInContext(() => CLIENTS['http.request']?.({}), IDS);
  expect(headers).not.toHaveProperty('x-request-id');
  http.request = original.request;
});
