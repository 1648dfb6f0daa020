import { describe, expect, it, vi } from 'vitest';
import { discoveryShape } from './config.ts';
import { createDnsDiscoverer, type DnsResolver } from './dns.ts';
import { discoveryDeps, flat, follow } from './testing/harness.ts';

function answering(answers: Partial<DnsResolver>): DnsResolver {
  const none = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' }));
  return { resolve4: none, resolve6: none, resolveSrv: none, resolveMx: none, resolveNs: none, ...answers };
}

async function discovered(config: object, resolver: DnsResolver): Promise<Record<string, string>[]> {
  const [parsed] = discoveryShape.dns_sd_configs.parse([{ names: ['api.example'], ...config }]);
  if (parsed === undefined) throw new Error('unreachable');
  const discoverer = createDnsDiscoverer(parsed, { ...discoveryDeps(), resolver });
  const updates = follow(discoverer);
  await vi.waitFor(() => expect(updates).toHaveLength(1), { timeout: 30_000 });
  discoverer.stop();
  return flat(updates[0]);
}

describe('dns_sd_configs', () => {
  it.each([
    [
      'SRV',
      {},
      answering({
        resolveSrv: () => Promise.resolve([{ name: 'n1.example', port: 81, priority: 0, weight: 0 }]),
      }),
      {
        __address__: 'n1.example:81',
        __meta_dns_srv_record_target: 'n1.example.',
        __meta_dns_srv_record_port: '81',
      },
    ],
    [
      'A',
      { port: 80 },
      answering({ resolve4: () => Promise.resolve(['10.0.0.1']) }),
      { __address__: '10.0.0.1:80' },
    ],
    [
      'aaaa',
      { port: 80 },
      answering({ resolve6: () => Promise.resolve(['::1']) }),
      { __address__: '[::1]:80' },
    ],
    [
      'MX',
      { port: 25 },
      answering({ resolveMx: () => Promise.resolve([{ exchange: 'mx.example', priority: 1 }]) }),
      { __address__: 'mx.example:25', __meta_dns_mx_record_target: 'mx.example.' },
    ],
    [
      'NS',
      { port: 53 },
      answering({ resolveNs: () => Promise.resolve(['ns.example']) }),
      { __address__: 'ns.example:53', __meta_dns_ns_record_target: 'ns.example.' },
    ],
  ])('%s records are targets', async (type, config, resolver, target) => {
    expect(await discovered({ type, ...config }, resolver)).toEqual([
      { __meta_dns_name: 'api.example', ...target },
    ]);
  });

  it('takes a name without records as no targets', async () => {
    expect(await discovered({ type: 'A', port: 80 }, answering({}))).toEqual([]);
  });

  it('keeps the last targets while the name server fails', async () => {
    let down = false;
    const resolver = answering({
      resolve4: () =>
        down
          ? Promise.reject(Object.assign(new Error('queryA ETIMEOUT'), { code: 'ETIMEOUT' }))
          : Promise.resolve(['10.0.0.1']),
    });
    const deps = discoveryDeps();
    const [config] = discoveryShape.dns_sd_configs.parse([{ names: ['a'], type: 'A', port: 1 }]);
    if (config === undefined) throw new Error('unreachable');
    const discoverer = createDnsDiscoverer(config, { ...deps, resolver });
    const updates = follow(discoverer);
    await vi.waitFor(() => expect(updates).toHaveLength(1), { timeout: 30_000 });
    down = true;
    await vi.waitFor(
      async () => {
        await deps.clock.advance(30_000);
        expect(deps.failures).toContain('dns');
      },
      { timeout: 30_000 },
    );
    expect(updates).toHaveLength(1);
    discoverer.stop();
  });

  it('asks for a port where the records name none', () => {
    const parsed = discoveryShape.dns_sd_configs.safeParse([{ names: ['a'], type: 'A' }]);
    expect(parsed.error?.issues[0]).toMatchObject({ path: [0, 'port'] });
  });
});
