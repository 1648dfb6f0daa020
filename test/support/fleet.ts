import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exposition, SERIES_PER_TARGET } from '../../bench/data.ts';

/** Bodies that targets expose in turn. */
const STEPS = 4;

/** When a target was asked, on the monotonic clock, in ms. */
type Asked = readonly number[];

/** Targets of a thousand series each that differ in nothing but their labels, and remember when they answered. */
export class Fleet {
  readonly #server: Server;
  readonly #asked: number[][];
  #silent = false;

  private constructor(targets: number) {
    const bodies = Array.from({ length: STEPS }, (_, step) => Buffer.from(exposition(0, step)));
    this.#asked = Array.from({ length: targets }, () => []);
    this.#server = createServer((request, response) => {
      const asked = this.#asked[Number(request.url?.slice(1))];
      if (asked === undefined) {
        response.writeHead(404).end();
        return;
      }
      if (this.#silent) return;
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      response.end(bodies[asked.length % STEPS]);
      asked.push(performance.now());
    });
    // Longer than any interval: a connection that ends would look like a lost scrape.
    this.#server.keepAliveTimeout = 300_000;
  }

  static async start(targets: number): Promise<Fleet> {
    const fleet = new Fleet(targets);
    await new Promise<void>((resolve) => fleet.#server.listen(0, '127.0.0.1', resolve));
    return fleet;
  }

  get series(): number {
    return this.#asked.length * SERIES_PER_TARGET;
  }

  /** Scrapes that were answered, of all targets. */
  get answered(): number {
    return this.#asked.reduce((sum, asked) => sum + asked.length, 0);
  }

  /** The one job that scrapes them; the instance of target N is `tN`. */
  scrapeConfig(intervalSeconds: number): string {
    const { port } = this.#server.address() as AddressInfo;
    const configs = this.#asked.map(
      (_, i) =>
        `      - {targets: ['127.0.0.1:${port}'], labels: {__metrics_path__: /${i}, instance: t${i}, job: fleet${i % 5}}}\n`,
    );
    return `scrape_configs:\n  - job_name: fleet\n    scrape_interval: ${intervalSeconds}s\n    static_configs:\n${configs.join('')}`;
  }

  /** Scrapes that a schedule of this interval had and the targets never saw: gaps, and an end that came too early. */
  missed(intervalSeconds: number, until: number): number {
    const interval = intervalSeconds * 1000;
    const gaps = ([first, ...rest]: Asked): number => {
      if (first === undefined) return 1;
      let missed = 0;
      let before = first;
      for (const at of [...rest, until]) {
        missed += Math.max(0, Math.floor((at - before) / interval - 0.5));
        before = at;
      }
      return missed;
    };
    return this.#asked.reduce((sum, asked) => sum + gaps(asked), 0);
  }

  /** From now on requests get no answer, so that what was answered can be counted. */
  fallSilent(): void {
    this.#silent = true;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
