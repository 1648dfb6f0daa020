import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertmanagerDeps } from '../../packages/server/src/alerts/alertmanager.ts';
import { openTestAlertmanager } from '../../packages/server/src/alerts/testing/open.ts';
import { nodeFileSystem } from '../../packages/server/src/journal/fs.ts';
import { openTestState } from '../../packages/server/src/journal/testing/state-setup.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';

/** Pharos' Alertmanager with its API on real time and a real disk, without the rest of the server: two dozen of them run at once. */
export interface PharosAlertmanager {
  readonly url: string;
  stop(): Promise<void>;
}

const post: AlertmanagerDeps['http']['post'] = async ({ url, headers, body, timeoutMs }) => {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) sent.set(name, String(value));
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(url, { method: 'POST', headers: sent, body, signal });
  return { status: answer.status, headers: {}, body: Buffer.from(await answer.arrayBuffer()) };
};

export async function startTestAlertmanager(config: string): Promise<PharosAlertmanager> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-alerts-'));
  const state = await openTestState(nodeFileSystem, {}, directory);
  const { app, stop } = await openTestAlertmanager(config, {
    clock: systemClock,
    state,
    http: { post, readText: () => Promise.reject(new Error('there are no files here')) },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await stop();
      await state.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
