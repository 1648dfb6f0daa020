import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { ANSWER_WITHIN_MS } from '../wait.ts';

interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CHUNKS_END = Buffer.from('0\r\n\r\n');
const GONE = 'the server closed the connection';

/**
 * One HTTP/1.1 connection that stays open, one request at a time: costs the load's own processor next to nothing, also when an answer has
 * megabytes: its pieces are joined once, when the last one is there.
 */
export class KeepAlive {
  readonly #socket: Socket;
  readonly #host: string;
  #received: Buffer[] = [];
  #bytes = 0;
  /** Of the answer that is on its way, once its head is there. */
  #head: Head | null = null;
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | null = null;
  #closed = false;

  constructor(url: string) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#bytes += chunk.length;
      this.#take();
    });
    const gone = (): void => {
      this.#closed = true;
      this.#waiting?.reject(new Error(GONE));
      this.#waiting = null;
    };
    this.#socket.on('error', gone);
    this.#socket.on('close', gone);
    this.#socket.setTimeout(ANSWER_WITHIN_MS, () => this.#socket.destroy());
  }

  post(path: string, body: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new Error(GONE));
        return;
      }
      this.#waiting = { resolve, reject };
      const head = `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      this.#socket.cork();
      this.#socket.write(head);
      this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(): void {
    const waiting = this.#waiting;
    this.#head ??= headOf(this.#received);
    if (this.#head === null || !this.#isWhole(this.#head)) return;
    const { status, start } = this.#head;
    const body = Buffer.concat(this.#received).subarray(start);
    this.#received = [];
    this.#bytes = 0;
    this.#head = null;
    this.#waiting = null;
    waiting?.resolve({ status, body });
  }

  /** Of a chunked answer only its end matters here. */
  #isWhole({ end }: Head): boolean {
    if (end !== null) return this.#bytes >= end;
    const last = this.#received.at(-1)?.subarray(-CHUNKS_END.length);
    if (last === undefined) return false;
    if (last.length === CHUNKS_END.length) return last.equals(CHUNKS_END);
    return Buffer.concat(this.#received).subarray(-CHUNKS_END.length).equals(CHUNKS_END);
  }
}

interface Head {
  readonly status: number;
  /** Where the body begins, and where it ends; null for a chunked one. */
  readonly start: number;
  readonly end: number | null;
}

/** Null until all of it is there. */
function headOf(received: readonly Buffer[]): Head | null {
  const all = Buffer.concat(received);
  const headEnd = all.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const text = all.toString('latin1', 0, headEnd);
  const start = headEnd + HEAD_END.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return {
    status: Number(text.slice(9, 12)),
    start,
    end: length === undefined ? null : start + Number(length),
  };
}
