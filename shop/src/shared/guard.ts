import type { IncomingHttpHeaders } from 'node:http';

/** Names under which this machine calls itself; anything else in `Host` is DNS rebinding or a proxy nobody set up. */
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** The refusal of a request by its headers, or null when it may pass. */
export type Guard = (headers: IncomingHttpHeaders) => string | null;

/**
 * The door check of every listener: `Host` from an allow-list, `Origin` equal to the host it asks, and nothing that a
 * browser calls cross-site. `extraHosts` are further names (a container's, for instance), without ports.
 */
export function createGuard(extraHosts: readonly string[] = []): Guard {
  const allowed = new Set([...LOOPBACK_NAMES, ...extraHosts.map((host) => host.toLowerCase())]);
  return (headers) => {
    const host = headers.host?.toLowerCase();
    if (host === undefined || !allowed.has(hostname(host))) {
      return `host ${JSON.stringify(host ?? '')} is not one of ${[...allowed].join(', ')}`;
    }
    const origin = headers.origin?.toLowerCase();
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      return `origin ${JSON.stringify(origin.slice(0, 100))} is foreign here`;
    }
    if (headers['sec-fetch-site'] === 'cross-site') return 'cross-site requests are refused';
    return null;
  };
}

function hostname(host: string): string {
  const bracket = host.startsWith('[') ? host.indexOf(']') : -1;
  if (bracket > 0) return host.slice(0, bracket + 1);
  const colon = host.lastIndexOf(':');
  return colon === -1 ? host : host.slice(0, colon);
}
