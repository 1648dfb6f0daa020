import { connect, type Socket } from 'node:net';
import { ANSWER_WITHIN_MS } from './wait.ts';

export interface Answer {
  readonly ms: number;
  readonly status: number;
  readonly body: Buffer;
}

const HEADER_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * One connection that stays open and does nothing but send and gather while the clock runs: a client library's own
 * share would hide what tiny queries cost. A server that says it will close (VictoriaMetrics does after two minutes) is
 * connected to again before the next question's clock starts.
 */
export class TimedClient {
  #socket: Socket;
  readonly #host: string;
  readonly #url: string;
  #chunks: Buffer[] = [];
  #onData: () => void = () => undefined;
  #onGone: (why: Error) => void = () => undefined;
  #gone: Error | null = null;
  #closing = false;

  private constructor(socket: Socket, url: string) {
    this.#socket = socket;
    this.#url = url;
    this.#host = new URL(url).host;
    this.#listenTo(socket);
  }

  static async to(url: string): Promise<TimedClient> {
    return new TimedClient(await connected(url), url);
  }

  #listenTo(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#onData();
    });
    const gone = (why: string): void => {
      if (socket !== this.#socket) return;
      this.#gone ??= new Error(why);
      this.#onGone(this.#gone);
    };
    socket.on('error', (error) => gone(error.message));
    socket.on('close', () => gone('the server closed the connection'));
    // Of no traffic at all, while an answer is waited for or before the next question.
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('the server does not answer')));
  }

  /** A GET, timed from the request's first byte to the answer's last. */
  async get(path: string): Promise<Answer> {
    this.#chunks = [];
    if (this.#closing) await this.#connectAgain();
    const before = performance.now();
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`);
    const head = await this.#until(() => {
      const at = this.#gathered().indexOf(HEADER_END);
      return at < 0 ? undefined : at + HEADER_END.length;
    });
    const headers = this.#gathered().subarray(0, head).toString();
    this.#closing = /^connection: *close/im.test(headers);
    const length = /^content-length: *(\d+)/im.exec(headers)?.[1];
    await this.#until(() => this.#isWhole(head, length));
    const ms = performance.now() - before;
    const raw = this.#gathered().subarray(head);
    const body = length === undefined ? joinChunks(raw) : raw;
    return { ms, status: Number(headers.slice(9, 12)), body };
  }

  close(): void {
    this.#socket.destroy();
  }

  async #connectAgain(): Promise<void> {
    const old = this.#socket;
    this.#socket = await connected(this.#url);
    old.destroy();
    this.#gone = null;
    this.#closing = false;
    this.#listenTo(this.#socket);
  }

  #isWhole(head: number, length: string | undefined): true | undefined {
    if (length !== undefined) {
      const bytes = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      return bytes >= head + Number(length) ? true : undefined;
    }
    const last = this.#chunks.at(-1);
    const whole = last !== undefined && last.length >= 5 ? last : this.#gathered();
    return whole.subarray(-5).equals(LAST_CHUNK) ? true : undefined;
  }

  #gathered(): Buffer {
    const whole = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    return whole ?? Buffer.concat(this.#chunks);
  }

  #until<T>(ready: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onGone = reject;
      if (this.#gone !== null) reject(this.#gone);
      this.#onData = () => {
        const value = ready();
        if (value !== undefined) resolve(value);
      };
      this.#onData();
    });
  }
}

async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** The payload of a chunked body. */
function joinChunks(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < raw.length; ) {
    const line = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.subarray(at, line).toString(), 16);
    if (!(size > 0)) break;
    parts.push(raw.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
