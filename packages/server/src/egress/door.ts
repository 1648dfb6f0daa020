import { isIP, type Socket } from 'node:net';
import type { Clock } from '../kernel/clock.ts';
import { PharosError } from '../kernel/errors.ts';
import type { Telemetry } from '../kernel/telemetry.ts';
import { CertificateMemory } from './certificates.ts';
import { dial, type EgressTls, type PeerFacts, reasonOf } from './dial.ts';
import { egressErrors } from './errors.ts';
import type { Lookup } from './lookup.ts';
import { Places } from './places.ts';
import { type EgressRules, judgeAddress, type OwnPlace, type Trust } from './policy.ts';
import { type EgressTelemetry, egressTelemetry, type Purpose } from './telemetry.ts';

export interface Destination {
  /** A name or a literal address, without the brackets of an IPv6 one. */
  readonly host: string;
  readonly port: number;
  readonly trust: Trust;
  readonly purpose: Purpose;
  /** The family of addresses to use, 4 when absent; the other one only when there is none and `fallback` is not false. */
  readonly family?: 4 | 6 | undefined;
  readonly fallback?: boolean | undefined;
}

interface OpenOptions extends Destination {
  /** Present for TLS. */
  readonly tls?: EgressTls | undefined;
  readonly signal: AbortSignal;
}

interface Resolved {
  /** Those that may be connected to, in the order they are to be tried; never empty. */
  readonly addresses: readonly string[];
  /** What the name server took, seconds; 0 for a literal address. */
  readonly seconds: number;
}

/** A connection to an address that was judged. Its owner destroys it. */
export interface Opened {
  readonly socket: Socket;
  readonly address: string;
  /** Null without TLS. */
  readonly peer: PeerFacts | null;
  /** Seconds of each step. */
  readonly resolve: number;
  readonly connect: number;
  readonly tls: number;
}

/**
 * The one way out. A name is resolved once, its addresses are judged, and the connection goes to one of just these: a name that
 * changes its mind afterwards changes nothing. Everything rejects with `egress` errors, or with the signal's reason.
 */
export interface Egress {
  resolve(destination: Destination, signal: AbortSignal): Promise<Resolved>;
  /** Waits for a place of its purpose, which it holds until the socket closes. */
  open(options: OpenOptions): Promise<Opened>;
  readonly clock: Clock;
}

export interface EgressDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly lookup: Lookup;
  readonly rules: EgressRules;
  readonly own: OwnPlace;
  /** Connections of each purpose at once. */
  readonly maxConnections: number;
}

/** Requests that wait for a place before more are refused, per place. */
const WAITING_PER_PLACE = 10;
/** A name with many addresses is not worth more attempts within one deadline. */
const MOST_ATTEMPTS = 3;

export function createEgress(deps: EgressDeps): Egress {
  return new Door(deps);
}

class Door implements Egress {
  readonly clock: Clock;
  readonly #deps: EgressDeps;
  readonly #places: Readonly<Record<Purpose, Places>>;
  readonly #telemetry: EgressTelemetry;
  readonly #certificates: CertificateMemory;

  constructor(deps: EgressDeps) {
    this.#deps = deps;
    this.clock = deps.clock;
    this.#certificates = new CertificateMemory(deps.clock);
    const made = (): Places => new Places(deps.maxConnections, deps.maxConnections * WAITING_PER_PLACE);
    this.#places = {
      probe: made(),
      probe_endpoint: made(),
      health: made(),
      webhook: made(),
      notification: made(),
      model: made(),
    };
    this.#telemetry = egressTelemetry(deps.telemetry, this.#places);
  }

  async resolve(destination: Destination, signal: AbortSignal): Promise<Resolved> {
    const startedAt = this.clock.monotonic();
    const literal = isIP(destination.host) !== 0;
    const all = literal ? [destination.host] : await this.#lookup(destination, signal);
    return {
      addresses: this.#judge(destination, all),
      seconds: literal ? 0 : (this.clock.monotonic() - startedAt) / 1000,
    };
  }

  async open(options: OpenOptions): Promise<Opened> {
    const { purpose, signal } = options;
    let giveBack = (): void => {};
    try {
      giveBack = await this.#places[purpose].take(signal);
      const opened = await this.#connect(options);
      if (opened.socket.closed) giveBack();
      else opened.socket.once('close', giveBack);
      this.#telemetry.connected(purpose, 'ok');
      return opened;
    } catch (error) {
      giveBack();
      this.#telemetry.connected(purpose, outcomeOf(error));
      throw error;
    }
  }

  /** Tries the addresses in order; only a connection that was not made leads to the next one. */
  async #connect(options: OpenOptions): Promise<Opened> {
    const { addresses, seconds } = await this.resolve(options, options.signal);
    const tried = addresses.slice(0, MOST_ATTEMPTS);
    for (;;) {
      const address = tried.shift();
      if (address === undefined) throw new Error('a resolved destination has an address');
      try {
        const dialled = await dial({
          ...options,
          address,
          clock: this.clock,
          certificates: this.#certificates,
        });
        return { ...dialled, address, resolve: seconds };
      } catch (error) {
        if (tried.length === 0 || !egressErrors.is(error, 'connect')) throw error;
      }
    }
  }

  async #lookup(
    { host, family = 4, fallback }: Destination,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const ask = async (wanted: 4 | 6): Promise<readonly string[] | Error> => {
      try {
        return await orAborted(this.#deps.lookup(host, wanted), signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return error instanceof Error ? error : new Error(String(error));
      }
    };
    const first = await ask(family);
    if (!(first instanceof Error) && first.length > 0) return first;
    const second = fallback === false ? [] : await ask(family === 4 ? 6 : 4);
    if (!(second instanceof Error) && second.length > 0) return second;
    const cause = first instanceof Error ? first : second instanceof Error ? second : undefined;
    throw egressErrors.make(
      'resolve',
      `the name "${host}" has no address${fallback === false ? ` of IPv${family}` : ''}: ${cause === undefined ? 'an empty answer' : lookupReason(cause)}`,
      { cause },
    );
  }

  #judge({ host, port, trust, purpose }: Destination, all: readonly string[]): readonly string[] {
    const { rules, own } = this.#deps;
    const judged = all.map((address) => ({
      address,
      refusal: judgeAddress(address, port, { trust, rules, own }),
    }));
    const allowed = judged.filter(({ refusal }) => refusal === null).map(({ address }) => address);
    const first = judged.find(({ refusal }) => refusal !== null);
    if (allowed.length > 0 || first?.refusal == null) return allowed;
    this.#telemetry.refused(purpose, first.refusal.reason);
    const named = host === first.address ? host : `${host} is ${first.address}`;
    throw egressErrors.make('refused', `${named}, which ${first.refusal.message}`, {
      details: { reason: first.refusal.reason },
    });
  }
}

const LOOKUP_WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name',
  ENODATA: 'no such record',
  ETIMEOUT: 'the name server did not answer',
  ECONNREFUSED: 'the name server refuses to talk',
  ESERVFAIL: 'the name server failed',
};

function lookupReason(cause: Error): string {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return LOOKUP_WORDS[code] ?? reasonOf(cause);
}

function outcomeOf(error: unknown): string {
  return error instanceof PharosError ? (error.code.split('.')[1] ?? error.code) : 'aborted';
}

/** Gives up waiting when the signal aborts; the work itself goes on unheard. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
