import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RE2JS } from 're2js';
import type { EgressTls, Opened } from '../../egress/index.ts';
import { short } from '../checks/body.ts';
import { withDeadline } from './deadline.ts';
import { expiryWarning, failed, failureOf, ipProtocol, peerSamples } from './result.ts';
import type { FamilyChoice, ProbeResult, Prober } from './types.ts';

/** One step of a conversation: wait for a line, say one, go over to TLS; in this order when a step has several. */
interface TcpStep {
  readonly expect: RE2JS | null;
  /** `${1}` stands for the first group of the last line expected. */
  readonly send: string | null;
  readonly startTls: boolean;
}

export interface TcpSpec extends FamilyChoice {
  readonly host: string;
  readonly port: number;
  /** Present: TLS from the first byte; also how a later step goes over to it. */
  readonly tls: EgressTls;
  readonly secure: boolean;
  readonly steps: readonly TcpStep[];
  readonly maxLatencyMs: number | null;
  readonly warnDays: number;
}

/** What a server may say before the line that is waited for. */
const MOST_BYTES = 64 * 1024;

/** A connection, and a conversation of lines on it. */
export const probeTcp: Prober<TcpSpec> = async (spec, context) => {
  const { egress, trust, purpose, timeoutMs } = context;
  try {
    return await withDeadline(egress.clock, timeoutMs, `${spec.host}:${spec.port}`, async (signal) => {
      const opened = await egress.open({
        host: spec.host,
        port: spec.port,
        trust,
        purpose,
        signal,
        family: spec.family,
        fallback: spec.fallback,
        tls: spec.secure ? spec.tls : undefined,
      });
      const connected = (opened.resolve + opened.connect + opened.tls) * 1000;
      try {
        const problem = await converse(opened, spec, signal);
        return verdict(spec, opened, problem, { connected, now: context.now() });
      } finally {
        opened.socket.destroy();
      }
    });
  } catch (error) {
    return failureOf(error);
  }
};

function verdict(
  spec: TcpSpec,
  opened: Opened,
  problem: string | null,
  { connected, now }: { readonly connected: number; readonly now: number },
): ProbeResult {
  const samples = [
    { name: 'probe_dns_lookup_time_seconds', value: opened.resolve },
    { name: 'probe_failed_due_to_regex', value: problem === null ? 0 : 1 },
    ipProtocol(opened.address),
    ...(opened.peer === null ? [] : peerSamples(opened.peer)),
  ];
  if (problem !== null) return failed(problem, samples);
  if (spec.maxLatencyMs !== null && connected > spec.maxLatencyMs)
    return failed(
      `the connection took ${Math.round(connected)} ms, expected at most ${spec.maxLatencyMs} ms`,
      samples,
    );
  return { success: true, reason: '', warning: expiryWarning(opened.peer, spec.warnDays, now), samples };
}

/** What is wrong with the conversation, or null. Rejects when the deadline passes without a word about it. */
async function converse(opened: Opened, spec: TcpSpec, signal: AbortSignal): Promise<string | null> {
  let socket = opened.socket;
  let lines = new Lines(socket, signal);
  let groups: readonly string[] = [];
  for (const { expect, send, startTls } of spec.steps) {
    if (expect !== null) {
      const found = await lines.until(expect);
      if (found.groups === null) return found.problem;
      groups = found.groups;
    }
    if (send !== null) {
      const said = groups;
      socket.write(
        `${send.replaceAll(/\$(?:\{(\d{1,2})\}|(\d{1,2}))/g, (_, a?: string, b?: string) => said[Number(a ?? b)] ?? '')}\n`,
      );
    }
    if (startTls) {
      socket = await upgrade(socket, spec, signal);
      lines = new Lines(socket, signal);
    }
  }
  return null;
}

/** TLS on a connection that is there already. */
function upgrade(socket: Socket, { host, tls }: TcpSpec, signal: AbortSignal): Promise<Socket> {
  socket.removeAllListeners('data');
  return new Promise((resolve, reject) => {
    const secure = connectTls({
      socket,
      servername: tls.serverName ?? host,
      rejectUnauthorized: tls.verify,
      ...(tls.context === undefined ? {} : { secureContext: tls.context }),
    });
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    secure.once('secureConnect', () => resolve(secure));
    secure.on('error', (cause: Error) =>
      reject(new Error(`no TLS with ${host}: ${cause.message}`, { cause })),
    );
  });
}

/** What the other side says, line by line. */
class Lines {
  #text = '';
  #bytes = 0;
  #ended: string | null = null;
  #wake: () => void = () => {};
  readonly #signal: AbortSignal;

  constructor(socket: Socket, signal: AbortSignal) {
    this.#signal = signal;
    socket.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      this.#text += chunk.toString('latin1');
      if (this.#bytes > MOST_BYTES) this.#ended = `the server said more than ${MOST_BYTES} bytes without it`;
      this.#wake();
    });
    const end = (): void => {
      this.#ended ??= 'the server closed the connection';
      this.#wake();
    };
    socket.once('end', end);
    socket.once('close', end);
  }

  /** Reads on to the first line that matches. Rejects with the signal's reason. */
  async until(
    pattern: RE2JS,
  ): Promise<
    | { readonly groups: readonly string[]; readonly problem: '' }
    | { readonly groups: null; readonly problem: string }
  > {
    let last = '';
    for (;;) {
      for (let line = this.#next(); line !== null; line = this.#next()) {
        last = line;
        const matcher = pattern.matcher(line);
        if (matcher.find())
          return {
            problem: '',
            groups: Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? ''),
          };
      }
      if (this.#ended !== null || this.#signal.aborted) {
        const why = this.#ended ?? 'the time is over';
        const said = last === '' ? 'it said nothing' : `its last line is "${short(last)}"`;
        return { groups: null, problem: `no line matches "${short(pattern.pattern())}": ${why}; ${said}` };
      }
      await this.#more();
    }
  }

  /** The next whole line; what is left counts as one when no more comes. */
  #next(): string | null {
    const at = this.#text.indexOf('\n');
    if (at < 0 && (this.#ended === null || this.#text === '')) return null;
    const line = at < 0 ? this.#text : this.#text.slice(0, at);
    this.#text = at < 0 ? '' : this.#text.slice(at + 1);
    return line.replace(/\r$/, '');
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#wake = () => {};
  }
}
