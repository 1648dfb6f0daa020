import { createSecureContext, type SecureVersion } from 'node:tls';
import { type EgressAnswer, type EgressHeaders, type EgressTls, egressErrors } from '../../egress/index.ts';
import type { HttpSettings, TlsSettings } from '../config/http-client.ts';
import type { SecretSource } from '../config/receivers/kind.ts';
import { given } from '../config/yaml/decode.ts';
import { refusedForGood, type SendResult } from '../outbox/send-result.ts';

/** One request of a notifier. */
interface NotifierRequest {
  readonly url: string;
  readonly headers: EgressHeaders;
  readonly body: string;
  readonly timeoutMs: number;
  readonly redirects: number;
  readonly tls: EgressTls | undefined;
}

/** The way out for notifiers, and to the files that hold their secrets. */
export interface HttpDoor {
  /** Rejects with `egress` errors. */
  post(request: NotifierRequest): Promise<Pick<EgressAnswer, 'status' | 'headers' | 'body'>>;
  readText(path: string): Promise<string>;
}

export interface Posting {
  readonly url: SecretSource;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** 0 for the longest there is. */
  readonly timeoutMs: number;
}

/**
 * An attempt's longest time, also where the file gives it more: attempts of one integration follow each other, and one that hangs keeps the
 * others waiting.
 */
const MOST_ATTEMPT_MS = 10_000;
const MOST_REDIRECTS = 10;
/** Of an answer's body, in the reason of a refusal. */
const SHOWN_CHARS = 200;

class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Posts JSON as the receiver's `http_config` has it, and judges the answer. */
export async function postJson(
  http: HttpSettings | undefined,
  posting: Posting,
  { now, door }: { readonly now: number; readonly door: HttpDoor },
): Promise<SendResult> {
  try {
    const own = await headersOf(http, door);
    const { timeoutMs } = posting;
    const answer = await door.post({
      url: await secretOf(posting.url, door),
      headers: { 'content-type': 'application/json', ...posting.headers, ...own },
      body: posting.body,
      timeoutMs: timeoutMs > 0 ? Math.min(timeoutMs, MOST_ATTEMPT_MS) : MOST_ATTEMPT_MS,
      redirects: http?.follow_redirects === false ? 0 : MOST_REDIRECTS,
      tls: http?.tls_config === undefined ? undefined : await tlsOf(http.tls_config, door),
    });
    return judged(answer, now);
  } catch (error) {
    if (error instanceof SettingsError) return refusedForGood(error.message);
    return failed(error);
  }
}

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

/** 2xx is taken; 5xx, 408 and 429 are worth another attempt. */
function judged(
  { status, headers, body }: Pick<EgressAnswer, 'status' | 'headers' | 'body'>,
  now: number,
): SendResult {
  if (status >= 200 && status < 300) return { ok: true };
  const words = body.toString('utf8').replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN_CHARS);
  return {
    ok: false,
    reason: `it answered ${status}${words === '' ? '' : `: ${words}`}`,
    isRetryable: status >= 500 || status === 429 || status === 408,
    isUncertain: false,
    retryAfterMs: retryAfter(headers['retry-after'], now),
  };
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** Where no connection was made, nothing was taken; else nobody knows. */
function failed(error: unknown): SendResult {
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
  door: HttpDoor,
): Promise<Record<string, string | readonly string[]>> {
  if (http === undefined) return {};
  if (http.oauth2 !== undefined) throw new SettingsError('Pharos does not speak OAuth 2 to receivers');
  if (given(http.proxy_url) || http.proxy_from_environment === true)
    throw new SettingsError('Pharos does not reach receivers through proxies');
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, { values, secrets, files }] of http.http_headers ?? [])
    headers[name.toLowerCase()] = [
      ...(values ?? []),
      ...(secrets ?? []),
      ...(await Promise.all((files ?? []).map((file) => secretOf({ file }, door)))),
    ];
  const authorization = await authorizationOf(http, door);
  if (authorization !== null) headers['authorization'] = authorization;
  return headers;
}

async function authorizationOf(http: HttpSettings, door: HttpDoor): Promise<string | null> {
  const { basic_auth: basic, authorization: auth } = http;
  if (basic !== undefined) {
    const user = await secretOf({ value: basic.username, file: basic.username_file }, door);
    const password = await secretOf({ value: basic.password, file: basic.password_file }, door);
    return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
  }
  if (auth !== undefined) {
    const credentials = await secretOf({ value: auth.credentials, file: auth.credentials_file }, door);
    return `${given(auth.type) ? auth.type.trim() : 'Bearer'} ${credentials}`;
  }
  if (!given(http.bearer_token) && !given(http.bearer_token_file)) return null;
  return `Bearer ${await secretOf({ value: http.bearer_token, file: http.bearer_token_file }, door)}`;
}

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** Made anew for each attempt, so that renewed files count at once. */
async function tlsOf(tls: TlsSettings, door: HttpDoor): Promise<EgressTls> {
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
