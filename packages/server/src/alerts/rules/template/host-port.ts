import { isIP } from 'node:net';

interface HostPort {
  readonly host: string;
  readonly port: string;
}

/** Go's `net.SplitHostPort`; undefined for what is no host with a port. */
function splitHostPort(text: string): HostPort | undefined {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return undefined;
  const port = text.slice(colon + 1);
  let host = text.slice(0, colon);
  if (host.startsWith('[')) {
    if (!host.endsWith(']')) return undefined;
    host = host.slice(1, -1);
  } else if (host.includes(':')) return undefined;
  return /[[\]]/.test(host) || /[[\]]/.test(port) ? undefined : { host, port };
}

/** `order.example:8003` is `order.example`; what has no port stays as it is. */
export function stripPort(text: string): string {
  return splitHostPort(text)?.host ?? text;
}

/** `order.example:8003` is `order:8003`; addresses stay as they are. */
export function stripDomain(text: string): string {
  const split = splitHostPort(text);
  const host = split?.host ?? text;
  if (isIP(host) !== 0) return text;
  const name = host.split('.')[0] ?? host;
  return split === undefined || split.port === '' ? name : `${name}:${split.port}`;
}
