import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAlertmanagerConfig } from '../../packages/server/src/alerts/config/load.ts';
import { readTemplateFiles } from '../../packages/server/src/alerts/config/template-files.ts';
import { egressDoor } from '../../packages/server/src/alerts/notifiers/egress-door.ts';
import { openTestAlertmanager } from '../../packages/server/src/alerts/testing/open.ts';
import { testEgress } from '../../packages/server/src/egress/testing/setup.ts';
import { nodeFileSystem } from '../../packages/server/src/journal/fs.ts';
import { openTestState } from '../../packages/server/src/journal/testing/state-setup.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';

/** Pharos' Alertmanager with its API on real time and a real disk, without the rest of the server: two dozen of them run at once. */
export interface PharosAlertmanager {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startTestAlertmanager(config: string): Promise<PharosAlertmanager> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-alerts-'));
  const state = await openTestState(nodeFileSystem, {}, directory);
  const loaded = loadAlertmanagerConfig({
    name: 'am.yml',
    text: config,
    directory: null,
    templateFiles: readTemplateFiles,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { app, stop } = await openTestAlertmanager(config, {
    config: loaded.config,
    clock: systemClock,
    state,
    http: egressDoor(testEgress(), () => Promise.reject(new Error('there are no files here'))),
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
