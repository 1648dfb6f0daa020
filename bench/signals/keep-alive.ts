import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';

interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const GONE = 'the server closed the connection';

/** One HTTP/1.1 connection that stays open, one request at a time: costs the load's own processor next to nothing. */
export class KeepAlive {
  readonly #socket: Socket;
  readonly #host: string;
  #received: Buffer[] = [];
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | null = null;
  #closed = false;

  constructor(url: string) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#take();
    });
    const gone = (): void => {
      this.#closed = true;
      this.#waiting?.reject(new Error(GONE));
      this.#waiting = null;
    };
    this.#socket.on('error', gone);
    this.#socket.on('close', gone);
  }

  post(path: string, body: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new Error(GONE));
        return;
      }
      this.#waiting = { resolve, reject };
      const head = `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      this.#socket.write(Buffer.concat([Buffer.from(head), body]));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(): void {
    const all = this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received);
    if (all === undefined) return;
    this.#received = [all];
    const end = all.indexOf(HEAD_END);
    if (end < 0) return;
    const head = all.toString('latin1', 0, end);
    const start = end + HEAD_END.length;
    const body = bodyOf(head, all, start);
    if (body === null) return;
    this.#received = [];
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}

/** Null until all of it is there. Of a chunked one only its size and its end matter here. */
function bodyOf(head: string, all: Buffer, start: number): Buffer | null {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined)
    return all.length >= start + Number(length) ? all.subarray(start, start + Number(length)) : null;
  return all.subarray(-5).toString('latin1') === '0\r\n\r\n' ? all.subarray(start) : null;
}
