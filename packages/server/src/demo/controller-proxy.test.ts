import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import { controllerApi } from './index.ts';

let app: HttpApp;
let controller: Server | undefined;
afterEach(async () => {
  await app.close();
  controller?.close();
});

async function setup(url: string | undefined): Promise<void> {
  app = await openTestApp([controllerApi(url)]);
}

describe('/api/controller', () => {
  it('passes method, path, query and body on, and nothing leads elsewhere', async () => {
    controller = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () =>
        response
          .writeHead(201)
          .end(
            JSON.stringify({ method: request.method, url: request.url, host: request.headers.host, body }),
          ),
      );
    });
    const server = controller;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    await setup(`http://${host}`);
    const made = await app.inject({
      method: 'POST',
      url: '/api/controller/faults?x=1',
      payload: { kind: 'cpu_burn' },
    });
    expect([made.statusCode, made.json()]).toEqual([
      201,
      { method: 'POST', url: '/faults?x=1', host, body: '{"kind":"cpu_burn"}' },
    ]);
    for (const path of ['//evil.example/x', 'http:%2F%2Fevil.example', '..%2f..%2fx', '%2F%2Fevil.example']) {
      expect((await app.inject(`/api/controller/${path}`)).json()).toMatchObject({ host });
    }
    expect((await app.inject({ method: 'DELETE', url: '/api/controller/faults/1' })).json()).toMatchObject({
      method: 'DELETE',
      url: '/faults/1',
    });
  });

  it('says that the demo is not running, or does not answer', async () => {
    await setup(undefined);
    expect((await app.inject('/api/controller/faults')).statusCode).toBe(404);
    await app.close();
    await setup('http://127.0.0.1:1');
    const reply = await app.inject('/api/controller/faults');
    expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, '5']);
  });
});
