import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import type { Thread } from '../../kernel/job-thread.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { bundled } from '../../kernel/testing/bundled.ts';
import { logsSection } from '../config.ts';
import { rowLimits } from '../store/line-rows.ts';
import { logsTelemetry } from '../telemetry.ts';
import { RemoteDecoder, startDecoderThread } from './remote.ts';

const NOW = 1_700_000_000_000;
/** The thread. */
const ENTRY = fileURLToPath(new URL('./thread.ts', import.meta.url));
/** A real thread that is not heard when told so: whoever kills it then comes before its answer, however the two are scheduled. */
class HeardThread implements Thread {
  isMute = false;
  readonly #thread: Thread;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void {
    this.#thread.postMessage(message, transfer);
  }

  on(event: 'message' | 'error' | 'exit', listener: (value: never) => void): void {
    const told = listener as (value: unknown) => void;
    if (event === 'message') this.#thread.on(event, (message) => void (this.isMute || told(message)));
    else if (event === 'error') this.#thread.on(event, told);
    else this.#thread.on(event, () => told(undefined));
  }

  unref(): void {
    this.#thread.unref();
  }

  terminate(): Promise<unknown> {
    return this.#thread.terminate();
  }
}

const threads: HeardThread[] = [];
const telemetry = createTelemetry();
const decoder = new RemoteDecoder({
  clock: new ManualClock(NOW),
  log: silentLog,
  telemetry: logsTelemetry(telemetry, () => ({
    streams: 0,
    pendingLines: 0,
    pendingBytes: 0,
    newestBytes: 0,
  })),
  start: () => {
    const limits = rowLimits(logsSection.schema.parse({}));
    const thread = new HeardThread(
      startDecoderThread({ limits, aliases: new Map(), rules: ['email'] }, bundled(ENTRY)),
    );
    threads.push(thread);
    return thread;
  },
});
afterAll(() => decoder.stop());

const values = Array.from({ length: 3000 }, (_, i) => [
  `${NOW}000000`,
  `level=warn to ann@shop.example.com ${i}`,
]);
const push = JSON.stringify({ streams: [{ stream: { app: 'a' }, values }] });
const decode = (body: string) =>
  decoder.decode({
    tenant: 't',
    format: 'loki-json',
    isSnappy: false,
    now: NOW,
    service: '',
    bytes: new Uint8Array(Buffer.from(body)),
  });

it('decodes on a real thread, says what is wrong with a body, and goes on after the thread was killed', async () => {
  const lines = await decode(push);
  expect(lines.chunks.map(({ rows, tenant }) => [rows, tenant])).toEqual([[3000, 't']]);
  expect(lines.streams.map(({ labels }) => labels.toString())).toEqual(['{app="a", service_name="a"}']);
  expect([...lines.redacted]).toEqual([['email', 3000]]);
  await expect(decode(push.slice(0, 100_000))).rejects.toMatchObject({ code: 'wire.malformed', status: 400 });
  const [first] = threads;
  if (first === undefined) throw new Error('no thread');
  first.isMute = true;
  const lost = decode(push);
  const outcome = expect(lost).rejects.toMatchObject({ code: 'logs.busy', retryAfterSeconds: 1 });
  await first.terminate();
  await outcome;
  expect((await decode(push)).messageBytes).toBe(lines.messageBytes);
  expect(threads).toHaveLength(2);
  const exposed = await telemetry.expose();
  for (const [result, count] of [
    ['decoded', 2],
    ['malformed', 1],
    ['busy', 1],
  ])
    expect(exposed).toContain(`pharos_logs_decoder_bodies_total{result="${result}"} ${count}`);
});
