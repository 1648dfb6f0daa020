import type { MxRecord, SrvRecord } from 'node:dns';
import type { DnsSdConfig } from './config.ts';
import { createRefreshDiscoverer, type RefreshDeps } from './refresh.ts';
import type { Discoverer, TargetGroup } from './types.ts';

/** The part of Node's resolver that is asked. */
export interface DnsResolver {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  resolveSrv(name: string): Promise<SrvRecord[]>;
  resolveMx(name: string): Promise<MxRecord[]>;
  resolveNs(name: string): Promise<string[]>;
}

export interface DnsDiscoveryDeps extends RefreshDeps {
  readonly resolver: DnsResolver;
}

type Target = Readonly<Record<string, string>>;

/** `dns_sd_configs`: targets from SRV, A, AAAA, MX or NS records. A name without records has no targets; a name server that fails keeps the last ones. */
export function createDnsDiscoverer(config: DnsSdConfig, deps: DnsDiscoveryDeps): Discoverer {
  const look = (): Promise<TargetGroup[]> =>
    Promise.all(
      config.names.map(async (name) => ({
        source: name,
        targets: await recordsOf(name, config, deps.resolver),
        labels: { __meta_dns_name: name },
      })),
    );
  return createRefreshDiscoverer(
    { mechanism: 'dns', source: config.names.join(', '), intervalMs: config.refresh_interval, look },
    deps,
  );
}

async function recordsOf(name: string, config: DnsSdConfig, resolver: DnsResolver): Promise<Target[]> {
  const port = config.port ?? 0;
  try {
    switch (config.type) {
      case 'A':
        return (await resolver.resolve4(name)).map((address) => ({ __address__: `${address}:${port}` }));
      case 'AAAA':
        return (await resolver.resolve6(name)).map((address) => ({ __address__: `[${address}]:${port}` }));
      case 'SRV':
        return (await resolver.resolveSrv(name)).map((record) => ({
          __address__: `${unrooted(record.name)}:${record.port}`,
          __meta_dns_srv_record_target: rooted(record.name),
          __meta_dns_srv_record_port: String(record.port),
        }));
      case 'MX':
        return (await resolver.resolveMx(name)).map(({ exchange }) => ({
          __address__: `${unrooted(exchange)}:${port}`,
          __meta_dns_mx_record_target: rooted(exchange),
        }));
      case 'NS':
        return (await resolver.resolveNs(name)).map((server) => ({
          __address__: `${unrooted(server)}:${port}`,
          __meta_dns_ns_record_target: rooted(server),
        }));
    }
  } catch (error) {
    if (isNoRecord(error)) return [];
    throw error;
  }
}

const unrooted = (name: string): string => name.replace(/\.+$/, '');
/** As name servers write it, with the final dot. */
const rooted = (name: string): string => `${unrooted(name)}.`;

function isNoRecord(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')
  );
}
