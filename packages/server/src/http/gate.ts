import type { PharosError } from '../kernel/errors.ts';
import { httpErrors } from './errors.ts';

/**
 * Who may talk to Pharos, decided before any route runs.
 *
 * Open mode (loopback, no login): the browser is the danger. A page from elsewhere must not reach Pharos through the
 * reader's machine, by a rebound name (`Host`), by a cross-site request (`Origin`, `Sec-Fetch-Site`), or through a
 * proxy that makes strangers look local (forwarding headers).
 * Closed mode: the same checks of origin, plus a login on every route.
 */
export interface GatePolicy {
  /** Host names without port that may stand in `Host`; `*` allows any (closed mode only). */
  readonly allowedHosts: ReadonlySet<string>;
  /** Full origins besides the request's own that may stand in `Origin`. */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly loginRequired: boolean;
}

export interface GateRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whether the credentials in the request are right; asked for only when it matters. */
  readonly authenticated: boolean;
  /** What anybody may see, on pages of other sites too: only a read of it is let through from there. */
  readonly embeddable?: boolean;
}

const FORWARDING = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
] as const;
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** The refusal, or null when the request may pass. */
export function judge(request: GateRequest, policy: GatePolicy): PharosError | null {
  const host = single(request.headers['host']) ?? '';
  const name = hostName(host);
  if (!policy.allowedHosts.has('*') && (name === '' || !policy.allowedHosts.has(name))) {
    return httpErrors.make('badHost', `Host "${printable(host)}" is not one this Pharos answers to`);
  }
  const foreign = foreignSource(request, host, policy);
  if (foreign !== null) return foreign;
  if (request.authenticated) return null;
  if (policy.loginRequired) return httpErrors.make('loginNeeded', 'this Pharos asks for a login');
  const forwarded = FORWARDING.find((header) => request.headers[header] !== undefined);
  if (forwarded !== undefined) {
    return httpErrors.make(
      'proxyWithoutLogin',
      `the request came through a proxy (header ${forwarded}) and no login is configured`,
    );
  }
  return null;
}

function foreignSource(request: GateRequest, host: string, policy: GatePolicy): PharosError | null {
  if (request.embeddable === true && (request.method === 'GET' || request.method === 'HEAD')) return null;
  const origin = single(request.headers['origin']);
  if (origin !== undefined) {
    const own = origin === `http://${host}` || origin === `https://${host}`;
    if (!own && !policy.allowedOrigins.has(origin)) {
      return httpErrors.make('foreignOrigin', `Origin "${printable(origin)}" is another web site`);
    }
    return null;
  }
  if (single(request.headers['sec-fetch-site']) === 'cross-site' && !isNavigation(request)) {
    return httpErrors.make(
      'foreignOrigin',
      'the request was made by another web site (Sec-Fetch-Site: cross-site)',
    );
  }
  return null;
}

/** Following a link to Pharos, from a chat say: the browser shows the page, the other site cannot read it or act. */
function isNavigation(request: GateRequest): boolean {
  return (
    request.method === 'GET' &&
    single(request.headers['sec-fetch-mode']) === 'navigate' &&
    single(request.headers['sec-fetch-dest']) === 'document' &&
    !String(request.headers['accept'] ?? '').startsWith('application/json')
  );
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value[0];
}

/** The name in a Host header, lower case, without port; brackets of an IPv6 address are kept. Empty when it is no host. */
export function hostName(host: string): string {
  const match = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host.trim().toLowerCase());
  return (match?.[1] ?? '').replace(/\.$/, '');
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
