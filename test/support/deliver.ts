import { connect } from 'node:http2';
import type { DoorBody } from '../../packages/server/src/http/testing/door-body.ts';

/** Where a server takes deliveries. */
export interface Receiver {
  readonly url: string;
  /** Of 127.0.0.1; where no gRPC is spoken, none is sent. */
  readonly grpcPort: number | null;
}

const PATIENCE_MS = 20_000;

/** True when it was taken; rejects when nobody answers. */
async function deliver(to: Receiver, { path, type, body }: DoorBody): Promise<boolean> {
  if (type === null) return callGrpc(to.grpcPort ?? 0, path, Buffer.from(body));
  const headers = { 'content-type': type };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`${to.url}${path}`, { method: 'POST', body, headers, signal });
  await answer.arrayBuffer();
  return answer.ok;
}

/** A unary call over a connection of its own, so that none outlives the server that it was made to. */
function callGrpc(port: number, path: string, message: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`);
    let status: unknown;
    const timer = setTimeout(() => session.destroy(new Error(`gRPC ${path}: no answer`)), PATIENCE_MS);
    session.on('error', reject);
    session.on('close', () => {
      clearTimeout(timer);
      reject(new Error(`gRPC ${path}: the connection ended`));
    });
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('response', (headers) => (status = headers['grpc-status'] ?? status));
    stream.on('trailers', (trailers) => (status = trailers['grpc-status'] ?? status));
    stream.on('error', reject);
    stream.on('end', () => {
      if (status !== undefined) resolve(status === '0');
      session.close();
    });
    stream.resume();
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([prefix, message]));
  });
}

/** A repeat reaches back so many batches. */
const REPEATED = 30;

interface Sent {
  readonly push: DoorBody;
  readonly keys: readonly string[];
}

/** A sender that remembers what it sent, and what of it was acknowledged. */
export class Deliveries {
  /** Keys of what was acknowledged. */
  readonly acknowledged = new Set<string>();
  /** The newest at the end. */
  readonly #sent: Sent[] = [];

  /** Sends a batch; true when it was acknowledged. Rejects when nobody answers. */
  async send(to: Receiver, push: DoorBody, keys: readonly string[]): Promise<boolean> {
    const sent = { push, keys };
    this.#sent.push(sent);
    if (this.#sent.length > REPEATED) this.#sent.shift();
    return this.#deliver(to, sent);
  }

  /** Sends the last batch once more, as a sender does that heard nothing, and one from a while before it, as a slow way does. */
  async repeat(to: Receiver): Promise<boolean> {
    const wasTaken = await this.#deliver(to, this.#sent[0]);
    return (await this.#deliver(to, this.#sent.at(-1))) && wasTaken;
  }

  async #deliver(to: Receiver, sent: Sent | undefined): Promise<boolean> {
    if (sent === undefined) return true;
    const isTaken = await deliver(to, sent.push);
    if (isTaken) for (const key of sent.keys) this.acknowledged.add(key);
    return isTaken;
  }
}
