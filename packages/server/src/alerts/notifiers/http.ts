import type { Socket } from 'node:net';
import { createSecureContext, type SecureVersion } from 'node:tls';
import { type EgressAnswer, type EgressHeaders, type EgressTls, egressErrors } from '../../egress/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { HttpSettings, TlsSettings } from '../config/http-client.ts';
import type { SecretSource } from '../config/receivers/kind.ts';
import { given } from '../config/yaml/decode.ts';
import { type Refusal, refusedForGood, type SendResult } from '../outbox/send-result.ts';
import { TemplateFailure } from '../templates/texts.ts';

/** One request of a notifier. */
interface NotifierRequest {
  readonly url: string;
  readonly method: 'POST' | 'PUT';
  readonly headers: EgressHeaders;
  readonly body: string;
  readonly timeoutMs: number;
  readonly redirects: number;
  readonly tls: EgressTls | undefined;
}

export type HttpAnswer = Pick<EgressAnswer, 'status' | 'headers' | 'body'>;

/** The way out for notifiers, and to the files that hold their secrets. */
export interface HttpDoor {
  /** Rejects with `egress` errors. */
  send(request: NotifierRequest): Promise<HttpAnswer>;
  /** A connection for other protocols; its owner destroys it. Rejects with `egress` errors or the signal's reason. */
  connect(place: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<Socket>;
  readText(path: string): Promise<string>;
}

export interface Posting {
  readonly url: string;
  /** POST when absent. */
  readonly method?: NotifierRequest['method'];
  /** Becomes JSON, unless it is a text. */
  readonly body: object | string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** As the file has it; 0 for the time of an attempt. */
  readonly timeoutMs?: number;
}

/** One attempt over HTTP: its requests share the time of an attempt. */
export interface HttpAttempt {
  /** A secret's text, which no reason will show. */
  secret(source: SecretSource): Promise<string>;
  /** Marks a text that was made of secrets as one. */
  hide(text: string): void;
  send(posting: Posting): Promise<HttpAnswer>;
}

export interface HttpDeps {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly http: HttpDoor;
  /** Ms until nobody waits for the notification any more, from when the attempt begins; negative when it is late. */
  readonly leftMs?: number;
}

/**
 * An attempt's longest time where the file does not give it more: attempts of one integration follow each other, and one that hangs keeps the
 * others waiting.
 */
export const MOST_ATTEMPT_MS = 10_000;
const MOST_REDIRECTS = 10;
/** Of a reason, once no secret is in it any more: what is cut through before cannot be found. */
const SHOWN_CHARS = 300;
/** Shorter ones would mask half of any text. */
const LEAST_SECRET_CHARS = 4;

class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Runs an attempt as the receiver's `http_config` has it. What goes wrong on the way is a refusal in words, without secrets. */
export async function attemptOverHttp(
  http: HttpSettings | undefined,
  { clock, http: door, leftMs = 0 }: HttpDeps,
  run: (attempt: HttpAttempt) => Promise<SendResult>,
): Promise<SendResult> {
  const secrets = new Set<string>();
  const hide = (text: string): string => {
    for (const form of formsOf(text)) if (form.length >= LEAST_SECRET_CHARS) secrets.add(form);
    return text;
  };
  const read: Reader = async (source) => hide(await secretOf(source, door));
  const begunAt = clock.monotonic();
  const result = await outcomeOf(() =>
    run({
      secret: read,
      hide,
      send: async ({ url, method = 'POST', body, headers, timeoutMs = 0 }) => {
        const whole = Math.max(MOST_ATTEMPT_MS, Math.min(timeoutMs, leftMs));
        const left = Math.max(1, begunAt + whole - clock.monotonic());
        return await door.send({
          url,
          method,
          headers: { 'content-type': 'application/json', ...headers, ...(await headersOf(http, read, hide)) },
          body: typeof body === 'string' ? body : `${JSON.stringify(body)}\n`,
          timeoutMs: timeoutMs > 0 ? Math.min(timeoutMs, left) : left,
          redirects: http?.follow_redirects === false ? 0 : MOST_REDIRECTS,
          tls: http?.tls_config === undefined ? undefined : await tlsOf(http.tls_config, door),
        });
      },
    }),
  );
  return result.ok ? result : { ...result, reason: masked(result.reason, secrets) };
}

/** How a secret may stand in what a server says: of an address many repeat the path alone. */
function formsOf(secret: string): readonly string[] {
  if (!/^https?:/i.test(secret) || !URL.canParse(secret)) return [secret];
  const { href, pathname, search, username, password, searchParams } = new URL(secret);
  return [
    secret,
    href,
    `${pathname}${search}`,
    pathname,
    search,
    username,
    password,
    ...loginForms(decoded(username), decoded(password)),
    ...searchParams.values(),
  ];
}

/** How the login of an address goes over the wire, which a server may repeat. */
function loginForms(username: string, password: string): readonly string[] {
  return username === '' && password === '' ? [] : [password, basicOf(username, password)];
}

function basicOf(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function outcomeOf(run: () => Promise<SendResult>): Promise<SendResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TemplateFailure) throw error;
    return failed(error);
  }
}

/** A reason without secrets, and no longer than it may be shown. Longer secrets first: one may hold another. */
export function masked(reason: string, secrets: ReadonlySet<string>): string {
  let shown = reason;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length))
    shown = shown.replaceAll(secret, '<secret>');
  return shown.slice(0, SHOWN_CHARS);
}

type Reader = (source: SecretSource) => Promise<string>;

/** A secret's text: as written, or what its file holds now. Throws SettingsError when that cannot be read. */
async function secretOf({ value, file }: SecretSource, door: HttpDoor): Promise<string> {
  if (given(value)) return value;
  return given(file) ? (await readFileOf(file, door)).trim() : '';
}

async function readFileOf(path: string, door: HttpDoor): Promise<string> {
  try {
    return await door.readText(path);
  } catch (cause) {
    throw new SettingsError(`cannot read ${path}`, { cause });
  }
}

/** 2xx is taken; 5xx, 408, 429 and what else a service names are worth another attempt. */
export function judged(
  { status, headers, body }: HttpAnswer,
  now: number,
  alsoRetryable: readonly number[] = [],
): SendResult {
  if (status >= 200 && status < 300) return { ok: true };
  const words = body.toString('utf8').replaceAll(/\s+/g, ' ').trim();
  return {
    ok: false,
    reason: `it answered ${status}${words === '' ? '' : `: ${words}`}`,
    isRetryable: status >= 500 || status === 429 || status === 408 || alsoRetryable.includes(status),
    isUncertain: false,
    retryAfterMs: retryAfter(headers, now),
  };
}

/** What an answer says in JSON; undefined for anything else. */
export function jsonOf({ body }: Pick<HttpAnswer, 'body'>): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A number at some names within each other of a JSON answer. */
export function jsonNumber(answer: Pick<HttpAnswer, 'body'>, ...path: readonly string[]): number | undefined {
  let value: unknown = jsonOf(answer);
  for (const name of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof value === 'number' && value >= 0 ? value : undefined;
}

/** A refusal that is to be waited for as long as a service says in its body, in seconds. */
export function waiting(result: SendResult, seconds: number | undefined): SendResult {
  return result.ok || seconds === undefined ? result : { ...result, retryAfterMs: Math.ceil(seconds * 1000) };
}

/** RFC 9110, 10.2.3: seconds, or a date. */
export function retryAfter({ 'retry-after': header }: HttpAnswer['headers'], now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** Where no connection was made, nothing was taken; else nobody knows. */
export function failed(error: unknown): Refusal {
  if (error instanceof SettingsError) return refusedForGood(error.message);
  const isBefore = (['connect', 'resolve', 'refused', 'tls', 'request'] as const).some((name) =>
    egressErrors.is(error, name),
  );
  return {
    ok: false,
    reason: error instanceof Error ? error.message : String(error),
    isRetryable: !egressErrors.is(error, 'request'),
    isUncertain: !isBefore,
    retryAfterMs: null,
  };
}

async function headersOf(
  http: HttpSettings | undefined,
  read: Reader,
  hide: (text: string) => string,
): Promise<Record<string, string | readonly string[]>> {
  if (http === undefined) return {};
  if (http.oauth2 !== undefined) throw new SettingsError('Pharos does not speak OAuth 2 to receivers');
  if (given(http.proxy_url) || http.proxy_from_environment === true)
    throw new SettingsError('Pharos does not reach receivers through proxies');
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, { values, secrets, files }] of http.http_headers ?? [])
    headers[name.toLowerCase()] = [
      ...(values ?? []),
      ...(await Promise.all((secrets ?? []).map((value) => read({ value })))),
      ...(await Promise.all((files ?? []).map((file) => read({ file })))),
    ];
  const authorization = await authorizationOf(http, read, hide);
  if (authorization !== null) headers['authorization'] = authorization;
  return headers;
}

async function authorizationOf(
  http: HttpSettings,
  read: Reader,
  hide: (text: string) => string,
): Promise<string | null> {
  const { basic_auth: basic, authorization: auth } = http;
  if (basic !== undefined) {
    const user = await read({ value: basic.username, file: basic.username_file });
    const password = await read({ value: basic.password, file: basic.password_file });
    // A server that repeats the header tells the password, too.
    return `Basic ${hide(basicOf(user, password))}`;
  }
  if (auth !== undefined) {
    const credentials = await read({ value: auth.credentials, file: auth.credentials_file });
    return `${given(auth.type) ? auth.type.trim() : 'Bearer'} ${credentials}`;
  }
  if (!given(http.bearer_token) && !given(http.bearer_token_file)) return null;
  return `Bearer ${await read({ value: http.bearer_token, file: http.bearer_token_file })}`;
}

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** Made anew for each attempt, so that renewed files count at once. */
export async function tlsOf(tls: TlsSettings, door: HttpDoor): Promise<EgressTls> {
  const text = async (value: string | undefined, file: string | undefined): Promise<string | undefined> =>
    given(value) ? value : given(file) ? await readFileOf(file, door) : undefined;
  const context = createSecureContext({
    ca: await text(tls.ca, tls.ca_file),
    cert: await text(tls.cert, tls.cert_file),
    key: await text(tls.key, tls.key_file),
    ...(given(tls.min_version) && { minVersion: VERSIONS[tls.min_version] }),
    ...(given(tls.max_version) && { maxVersion: VERSIONS[tls.max_version] }),
  });
  return {
    context,
    verify: tls.insecure_skip_verify !== true,
    ...(given(tls.server_name) && { serverName: tls.server_name }),
  };
}
