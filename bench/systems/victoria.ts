import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startPeer } from '../../test/support/peers.ts';
import { historyLines } from '../data.ts';
import { pageOf, until } from '../wait.ts';
import { bytesBelow, type System, sendAll } from './types.ts';

/** VictoriaMetrics, single node, its answer cache off. */
export function victoriaSystem(binary: string): System {
  return {
    name: 'VictoriaMetrics',
    uncached: { nocache: '1' },
    remoteWrite: '/api/v1/write',
    async start(directory, scrapeConfigs) {
      await mkdir(directory, { recursive: true });
      const file = join(directory, 'scrape.yml');
      await writeFile(file, scrapeConfigs);
      const listen = `127.0.0.1:${await freePort()}`;
      const url = `http://${listen}`;
      const flags = [
        `-promscrape.config=${file}`,
        `-storageDataPath=${join(directory, 'data')}`,
        '-retentionPeriod=1y',
        `-httpListenAddr=${listen}`,
        '-search.disableCache',
        '-search.latencyOffset=0s',
        '-search.maxUniqueTimeseries=2000000',
        '-search.maxSeries=2000000',
        '-loggerLevel=ERROR',
      ];
      const peer = await startPeer(binary, flags, `${url}/health`);
      return { url, pid: peer.process.pid ?? 0, stop: () => peer.stop(), settled: () => Promise.resolve() };
    },
    async load(directory, dataset, start) {
      const running = await this.start(directory, 'scrape_configs: []');
      await sendAll(`${running.url}/api/v1/import/prometheus`, historyLines(dataset, start, 'ms'));
      await pageOf(`${running.url}/internal/force_flush`);
      await pageOf(`${running.url}/internal/force_merge`);
      await until('merging', 200, async () => {
        const merging = /^vm_active_force_merges (\d+)/m.exec(await pageOf(`${running.url}/metrics`))?.[1];
        return merging === undefined || merging === '0';
      });
      await running.stop();
    },
    compactedBytes: (directory) => bytesBelow(join(directory, 'data'), ['cache', 'tmp', 'snapshots']),
  };
}
