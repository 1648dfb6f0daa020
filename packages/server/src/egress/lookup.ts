import { isIP } from 'node:net';
import type { Clock } from '../kernel/clock.ts';

/** Addresses of a name, in the order they are to be tried; rejects with a system error when there are none. */
export type Lookup = (host: string, family: 4 | 6) => Promise<readonly string[]>;

/** The part of `node:dns/promises` that is needed: it asks name servers without holding one of the process' few I/O threads. */
interface NameServers {
  resolve4(host: string): Promise<string[]>;
  resolve6(host: string): Promise<string[]>;
}

interface LookupDeps {
  readonly servers: NameServers;
  readonly clock: Clock;
  /** Rejects when the file cannot be read. */
  readonly readText: (path: string) => Promise<string>;
}

interface Files {
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  readonly search: readonly string[];
  readonly ndots: number;
}

const FILES_FRESH_MS = 5000;
/** As many as glibc takes. */
const MOST_SEARCHED = 6;
const ABSENT: readonly string[] = ['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EBADNAME'];

/**
 * Resolves names as the machine does: `/etc/hosts`, then the name servers with the search list of `/etc/resolv.conf` (Kubernetes'
 * short names need it). `getaddrinfo` would do the same on the threads that the journal's fsync needs: four slow name servers
 * would stop ingest.
 */
export function createLookup({ servers, clock, readText }: LookupDeps): Lookup {
  let known: { readonly files: Promise<Files>; readonly at: number } | null = null;
  const files = (): Promise<Files> => {
    if (known === null || clock.monotonic() - known.at > FILES_FRESH_MS)
      known = { files: readFiles(readText), at: clock.monotonic() };
    return known.files;
  };
  const ask = (name: string, family: 4 | 6): Promise<readonly string[]> =>
    family === 4 ? servers.resolve4(name) : servers.resolve6(name);
  return async (host, family) => {
    const name = host.toLowerCase().replace(/\.$/, '');
    if (name === 'localhost' || name.endsWith('.localhost')) return [family === 4 ? '127.0.0.1' : '::1'];
    const { hosts, search, ndots } = await files();
    const local = hosts.get(name)?.filter((address) => isIP(address) === family) ?? [];
    if (local.length > 0) return local;
    let failure: unknown;
    for (const candidate of candidates(host, search, ndots)) {
      try {
        return await ask(candidate, family);
      } catch (error) {
        failure ??= error;
        if (!isAbsent(error)) throw error;
      }
    }
    throw failure;
  };
}

/** The names to ask for, in resolv.conf(5)'s order. */
export function candidates(host: string, search: readonly string[], ndots: number): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)];
  const suffixed = search.map((domain) => `${host}.${domain}`);
  const dots = host.split('.').length - 1;
  return dots >= ndots ? [host, ...suffixed] : [...suffixed, host];
}

async function readFiles(readText: LookupDeps['readText']): Promise<Files> {
  const read = (path: string): Promise<string> => readText(path).catch(() => '');
  const [hosts, resolv] = await Promise.all([read('/etc/hosts'), read('/etc/resolv.conf')]);
  return { hosts: parseHosts(hosts), ...parseResolv(resolv) };
}

export function parseHosts(text: string): Map<string, string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const raw of names) {
      const name = raw.toLowerCase();
      const known = hosts.get(name);
      if (known === undefined) hosts.set(name, [address]);
      else known.push(address);
    }
  }
  return hosts;
}

/** The last `search` or `domain` counts, as in resolv.conf(5). */
export function parseResolv(text: string): { readonly search: readonly string[]; readonly ndots: number } {
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [key, ...values] = line.trim().split(/\s+/);
    if (key === 'search' || key === 'domain')
      search = values.map((domain) => domain.replace(/\.$/, '')).filter((domain) => domain !== '');
    if (key !== 'options') continue;
    const found = /^ndots:(\d{1,2})$/.exec(values.find((value) => value.startsWith('ndots:')) ?? '');
    if (found !== null) ndots = Math.min(15, Number(found[1]));
  }
  return { search: search.slice(0, MOST_SEARCHED), ndots };
}

function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && ABSENT.includes(error.code)
  );
}
