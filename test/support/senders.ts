import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { freePort, peerBinary, type RunningPeer, startPeer } from './peers.ts';

/** Programs that scrape a target and remote-write to Pharos: Prometheus, its agent mode, vmagent. */
export const SENDERS = ['prometheus', 'agent', 'vmagent'] as const;
export type SenderName = (typeof SENDERS)[number];

/**
 * A scrape target that gives every sender numbers of its own, one higher with each scrape, so that a lost or doubled sample shows
 * in what is stored. One path per sender: `/prometheus`, `/agent`, `/vmagent`.
 */
export class NumberedTarget {
  /** The number each sender was last given. */
  readonly given = new Map<string, number>();
  readonly #series: number;
  readonly #server: Server;
  #port = 0;

  constructor(series: number) {
    this.#series = series;
    this.#server = createServer((request, response) => {
      const sender = (request.url ?? '').slice(1);
      const next = (this.given.get(sender) ?? 0) + 1;
      this.given.set(sender, next);
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(this.#text(next));
    });
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    this.#port = await freePort();
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #text(value: number): string {
    const lines = ['# HELP sent_number Rises with every scrape.', '# TYPE sent_number counter'];
    for (let i = 0; i < this.#series; i++) lines.push(`sent_number{series="s${i}"} ${value}`);
    return `${lines.join('\n')}\n`;
  }
}

export interface Sender {
  readonly name: SenderName;
  readonly url: string;
  readonly peer: RunningPeer;
}

/** Starts a sender that scrapes the target every second and writes to Pharos; null when the program cannot be had here. */
export async function startSender(
  name: SenderName,
  options: { readonly target: string; readonly pharos: string; readonly directory: string },
): Promise<Sender | null> {
  const binary = await peerBinary(name === 'vmagent' ? 'vmagent' : 'prometheus');
  if (binary.path === null) return null;
  const directory = join(options.directory, name);
  await mkdir(directory, { recursive: true });
  const config = join(directory, 'config.yaml');
  const listen = `127.0.0.1:${await freePort()}`;
  const write = `${options.pharos}/api/v1/write`;
  await writeFile(config, configOf(name, options.target, name === 'vmagent' ? null : write));
  const flags = {
    prometheus: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${listen}`,
    ],
    agent: [
      '--enable-feature=agent',
      `--config.file=${config}`,
      `--storage.agent.path=${join(directory, 'data')}`,
      `--web.listen-address=${listen}`,
    ],
    vmagent: [
      `-promscrape.config=${config}`,
      `-remoteWrite.url=${write}`,
      `-remoteWrite.tmpDataPath=${join(directory, 'data')}`,
      '-remoteWrite.flushInterval=1s',
      `-httpListenAddr=${listen}`,
    ],
  }[name];
  const url = `http://${listen}`;
  const peer = await startPeer(binary.path, flags, `${url}/${name === 'vmagent' ? 'health' : '-/ready'}`);
  return { name, url, peer };
}

function configOf(sender: SenderName, target: string, write: string | null): string {
  const remoteWrite =
    write === null
      ? ''
      : `
remote_write:
  - url: ${write}
    metadata_config: {send: true, send_interval: 1s}
    queue_config: {batch_send_deadline: 500ms, min_backoff: 30ms, max_backoff: 1s}`;
  return `
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: ${sender}
    metrics_path: /${sender}
    static_configs: [{targets: ['${target}']}]${remoteWrite}
`;
}
