import type { Duplex } from 'node:stream';
import type { Clock } from '../../kernel/clock.ts';
import { anonymousBytes } from './anonymous-memory.ts';
import { EngineCore } from './core.ts';
import { encodeFrame, FrameReader } from './framing.ts';
import { type Report, toFailure } from './reports.ts';
import { parseRequest, type Request } from './requests.ts';

const BEAT_MS = 2000;
/** The process's memory is read with every fifth beat: who reads it keeps a gauge, and the reading costs more than the beat. */
const BEATS_PER_READING = 5;

/**
 * Serves the server's requests on the channel until it closes; then this process ends at once, by SIGKILL: a busy
 * engine would hold the directory's lock for as long as its statement runs.
 */
export function runEngineProcess(channel: Duplex, clock: Clock): void {
  const engine = new EngineProcess(channel, clock);
  const reader = new FrameReader();
  channel.on('data', (chunk: Buffer) => {
    for (const frame of reader.push(chunk))
      engine.handle(parseRequest(frame.header), Buffer.from(frame.body).toString('utf8'));
  });
  channel.on('error', endNow);
  channel.on('close', endNow);
  channel.on('end', endNow);
  // A terminal's interrupt reaches the whole group; the server decides when the engine stops.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
}

function endNow(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered before the call returns to us.
  throw new Error('unreachable');
}

class EngineProcess {
  readonly #channel: Duplex;
  readonly #clock: Clock;
  #core: EngineCore | null = null;
  /** Since the last beat. */
  #discarded = 0;

  constructor(channel: Duplex, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  handle(request: Request, body: string): void {
    switch (request.type) {
      case 'open':
        void this.#open(request);
        break;
      case 'run':
        void this.#run(request, body);
        break;
      case 'cancel':
        this.#core?.cancel(request.id);
        break;
      case 'stop':
        void this.#stop();
        break;
    }
  }

  #send(report: Report, body?: Uint8Array): void {
    this.#channel.cork();
    for (const part of encodeFrame(report, body)) this.#channel.write(part);
    this.#channel.uncork();
  }

  async #open(request: Extract<Request, { type: 'open' }>): Promise<void> {
    try {
      this.#core = await EngineCore.open(request.options, this.#clock, {
        discarded: () => this.#discarded++,
        hung: endNow,
      });
    } catch (error) {
      this.#send({ type: 'failed', failure: toFailure(error) });
      return;
    }
    this.#send({ type: 'opened' });
    let beats = 0;
    let anonymous = 0;
    this.#clock.every(BEAT_MS, () => {
      const discarded = this.#discarded;
      this.#discarded = 0;
      if (beats++ % BEATS_PER_READING === 0) anonymous = anonymousBytes();
      this.#send({ type: 'beat', discarded, anonymousBytes: anonymous });
    });
  }

  async #run(request: Extract<Request, { type: 'run' }>, text: string): Promise<void> {
    const { id, limits } = request;
    const core = this.#core;
    if (core === null) return;
    try {
      const answer = await core.run({ id, text, limits });
      this.#send({ type: 'result', id }, answer);
    } catch (error) {
      this.#send({ type: 'error', id, failure: toFailure(error) });
    }
  }

  /** Closing tells the server that all is done: its side of the channel closes with ours. */
  async #stop(): Promise<void> {
    try {
      await this.#core?.close();
    } finally {
      this.#channel.destroy();
      endNow();
    }
  }
}
