import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import MailComposer, { type MailComposerOptions } from 'nodemailer/lib/mail-composer';
import SmtpConnection from 'nodemailer/lib/smtp-connection';
import { type EgressTls, egressErrors } from '../../egress/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { HostPort } from '../config/addresses.ts';
import type { TlsSettings } from '../config/http-client.ts';
import type { SendResult } from '../outbox/send-result.ts';
import { failed, MOST_ATTEMPT_MS, masked, tlsOf } from './http.ts';
import type { NotifierDeps } from './notifier.ts';

export type Mail = MailComposerOptions;

/**
 * For the answer to a mail's end, in ms: many servers look through the content before, and take it although nobody waits any more. RFC 5321,
 * 4.5.3.2.6, has ten minutes; the integration's other mails wait as long.
 */
const MOST_LOOK_MS = 120_000;

export interface MailAuth {
  readonly username: string;
  readonly secret: string;
  /** Of a challenge the answer goes over the wire, never the secret itself. */
  readonly isChallenge: boolean;
}

/** A mail, and the server that is to take it. */
export interface MailDelivery {
  readonly smarthost: HostPort;
  /** The name we give ourselves. */
  readonly hello: string;
  /** TLS from the first byte, only after STARTTLS, or not at all. */
  readonly encryption: 'at-once' | 'starttls' | 'none';
  readonly tls: TlsSettings | undefined;
  readonly auth: MailAuth | null;
  readonly mail: Mail;
  /** Recipients for whom it was settled before. */
  readonly without: readonly string[];
}

/** Hands a mail to a server, over a connection through the one way out. What the server says is told without the password. */
export async function deliver(delivery: MailDelivery, deps: NotifierDeps): Promise<SendResult> {
  const { auth } = delivery;
  const result = await attempt(delivery, deps);
  const secrets = auth === null ? new Set<string>() : formsOf(auth);
  return result.ok ? result : { ...result, reason: masked(result.reason, secrets) };
}

async function attempt(delivery: MailDelivery, { clock, http: door }: NotifierDeps): Promise<SendResult> {
  const { host, port } = delivery.smarthost;
  const limit = new Limit(clock, host);
  const { signal } = limit;
  limit.set(MOST_ATTEMPT_MS);
  let socket: Socket | null = null;
  try {
    const tls = delivery.tls === undefined ? { verify: true } : await tlsOf(delivery.tls, door);
    socket = await door.connect({ host, port: Number(port) }, signal);
    return await talk(delivery, { socket, tls, limit });
  } catch (error) {
    // Nothing was handed over yet.
    return { ...failed(error), isUncertain: false };
  } finally {
    limit.cancel();
    socket?.destroy();
  }
}

/** What a server has to answer within; its signal aborts when that is over. */
class Limit {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #host: string;
  #timer: Timer | null = null;

  constructor(clock: Clock, host: string) {
    this.#clock = clock;
    this.#host = host;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on; what was set before is void. */
  set(ms: number): void {
    this.cancel();
    this.#timer = this.#clock.after(ms, () =>
      this.#controller.abort(
        egressErrors.make('timeout', `${this.#host} did not answer within ${ms / 1000} s`),
      ),
    );
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}

interface Line {
  readonly socket: Socket;
  readonly tls: EgressTls;
  readonly limit: Limit;
}

async function talk(
  { smarthost, hello, encryption, auth, mail, without }: MailDelivery,
  line: Line,
): Promise<SendResult> {
  const { tls } = line;
  const message = new MailComposer({ ...mail, disableFileAccess: true, disableUrlAccess: true }).compile();
  const content = await message.build();
  const connection = new SmtpConnection({
    host: smarthost.host,
    port: Number(smarthost.port),
    name: hello,
    connection: line.socket,
    secure: encryption === 'at-once',
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    tls: {
      ...(tls.context !== undefined && { secureContext: tls.context }),
      ...(tls.serverName !== undefined && { servername: tls.serverName }),
      rejectUnauthorized: tls.verify,
    },
    connectionTimeout: MOST_ATTEMPT_MS,
    greetingTimeout: MOST_ATTEMPT_MS,
  });
  const step = stepsOf(connection, line.limit.signal);
  let isHandedOver = false;
  try {
    await step<void>((done) => connection.connect((error) => done(error, undefined)));
    if (auth !== null)
      await step<void>((done) =>
        connection.login(
          { user: auth.username, pass: auth.secret, ...(auth.isChallenge && { method: 'CRAM-MD5' }) },
          (error) => done(error, undefined),
        ),
      );
    isHandedOver = true;
    const envelope = message.getEnvelope();
    const to = envelope.to.filter((address) => !without.includes(address));
    // Its end is that of the content, which the server is waited for from then on.
    const body = Readable.from([content]).once('end', () => line.limit.set(MOST_LOOK_MS));
    const info = await step<TakenFor>((done) =>
      connection.send({ ...envelope, to }, body, (error, taken) => done(error, taken ?? {})),
    );
    connection.quit();
    return takenFor(to, info);
  } catch (error) {
    return refusedBy(error, isHandedOver);
  }
}

/** What a server said of recipients that it did not take the mail for. */
interface TakenFor {
  readonly rejected?: readonly string[] | undefined;
  readonly rejectedErrors?:
    | readonly {
        readonly recipient?: string | undefined;
        readonly responseCode?: number | undefined;
        readonly response?: string | undefined;
      }[]
    | undefined;
}

/** A mail that was taken for some: those who were put off (4xx) are tried again, alone. */
function takenFor(to: readonly string[], { rejected = [], rejectedErrors = [] }: TakenFor): SendResult {
  if (rejected.length === 0) return { ok: true };
  const reason = `the server did not take it for ${rejected.join(', ')}`;
  const putOff = rejectedErrors.filter(({ responseCode = 500 }) => responseCode < 500);
  if (putOff.length === 0) return { ok: true, notes: [reason] };
  const later = new Set(putOff.map(({ recipient }) => recipient));
  return {
    ok: false,
    reason: `${reason}: ${(putOff[0]?.response ?? '').replaceAll(/\s+/g, ' ')}`,
    isRetryable: true,
    isUncertain: false,
    retryAfterMs: null,
    done: to.filter((address) => !later.has(address)),
  };
}

type Done<T> = (error: Error | null | undefined, value: T) => void;

/** Steps of a conversation, each of which ends when the connection does. */
function stepsOf(
  connection: SmtpConnection,
  signal: AbortSignal,
): <T>(start: (done: Done<T>) => void) => Promise<T> {
  const over = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    connection.on('error', reject);
    connection.once('end', () => reject(new Error('the mail server closed the connection')));
  });
  // Nobody waits for it between steps.
  over.catch(() => {});
  return async <T>(start: (done: Done<T>) => void): Promise<T> =>
    await Promise.race([
      over,
      new Promise<T>((resolve, reject) => {
        start((error, value) => (error ? reject(error) : resolve(value)));
      }),
    ]);
}

/** 4xx is worth another attempt, 5xx is not; an end without either may have come after the mail was taken. */
function refusedBy(error: unknown, isHandedOver: boolean): SendResult {
  // Before it was handed over nothing can have been taken.
  if (egressErrors.is(error, 'timeout')) return { ...failed(error), isUncertain: isHandedOver };
  const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : Number.NaN;
  const words = error instanceof Error ? error.message : String(error);
  return {
    ok: false,
    reason: `no mail: ${words.replaceAll(/\s+/g, ' ')}`,
    isRetryable: !(code >= 500),
    isUncertain: isHandedOver && Number.isNaN(code),
    retryAfterMs: null,
  };
}

/** A secret as it may stand in what a server repeats. */
function formsOf({ username, secret }: MailAuth): ReadonlySet<string> {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  return new Set([secret, base64(secret), base64(`\0${username}\0${secret}`)]);
}
