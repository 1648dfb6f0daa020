import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { freePort, startPeer } from '../../test/support/peers.ts';
import { historyLines } from '../data.ts';
import { bytesBelow, type System } from './types.ts';

const run = promisify(execFile);

export function prometheusSystem(binary: string, promtool: string): System {
  return {
    name: 'Prometheus',
    uncached: {},
    remoteWrite: '/api/v1/write',
    async start(directory, scrapeConfigs) {
      await mkdir(directory, { recursive: true });
      const file = join(directory, 'prometheus.yml');
      await writeFile(file, scrapeConfigs);
      const listen = `127.0.0.1:${await freePort()}`;
      const url = `http://${listen}`;
      const flags = [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        '--storage.tsdb.retention.time=30d',
        `--web.listen-address=${listen}`,
        '--web.enable-remote-write-receiver',
        '--log.level=error',
      ];
      const peer = await startPeer(binary, flags, `${url}/-/ready`);
      return { url, pid: peer.process.pid ?? 0, stop: () => peer.stop(), settled: () => Promise.resolve() };
    },
    async load(directory, dataset, start) {
      await mkdir(directory, { recursive: true });
      const file = join(directory, 'past.om');
      await pipeline(Readable.from(historyLines(dataset, start, 'seconds')), createWriteStream(file));
      await writeFile(file, '# EOF\n', { flag: 'a' });
      await run(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file, join(directory, 'data')], {
        maxBuffer: 2 ** 26,
      });
      await rm(file);
    },
    compactedBytes: (directory) => bytesBelow(join(directory, 'data'), ['wal', 'chunks_head']),
  };
}
