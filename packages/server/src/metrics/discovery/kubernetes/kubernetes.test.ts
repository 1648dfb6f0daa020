import { afterEach, describe, expect, it, vi } from 'vitest';
import { discoveryShape } from '../config.ts';
import { discoveryDeps, flat, follow } from '../testing/harness.ts';
import { type KubeObject, kubeApi } from '../testing/kube-api.ts';
import { createKubernetesDiscoverer } from './kubernetes.ts';

const PODS = '/api/v1/pods';

function pod(name: string, ip: string, extra: object = {}): KubeObject {
  return {
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels: { app: 'order' } },
    spec: {
      nodeName: 'n1',
      containers: [
        { name: 'app', image: 'order:1', ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }] },
      ],
      ...extra,
    },
    status: {
      phase: 'Running',
      podIP: ip,
      hostIP: '10.0.0.1',
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

type Api = Awaited<ReturnType<typeof kubeApi>>;
let api: Api;
let stop: () => void = () => undefined;
afterEach(async () => {
  stop();
  await api.close();
});

async function start(objects: Parameters<typeof kubeApi>[0], extra: object = {}) {
  api = await kubeApi(objects);
  const [config] = discoveryShape.kubernetes_sd_configs.parse([
    { role: 'pod', api_server: api.url, ...extra },
  ]);
  if (config === undefined) throw new Error('unreachable');
  const deps = discoveryDeps();
  const discoverer = createKubernetesDiscoverer(config, { ...deps, env: {} });
  stop = () => discoverer.stop();
  const updates = follow(discoverer);
  /** Lets time pass until the addresses are these. */
  const until = (...addresses: string[]): Promise<void> =>
    vi.waitFor(
      async () => {
        await deps.clock.advance(1_000);
        expect(
          flat(updates.at(-1))
            .map((target) => target['__address__'])
            .sort(),
        ).toEqual(addresses);
      },
      { timeout: 30_000 },
    );
  return { deps, updates, until };
}

describe('kubernetes_sd_configs', () => {
  it('lists in pages, then follows what is added, changed and deleted', async () => {
    const t = await start({ [PODS]: [pod('a', '10.1.0.1'), pod('b', '10.1.0.2'), pod('c', '10.1.0.3')] });
    await t.until('10.1.0.1:80', '10.1.0.2:80', '10.1.0.3:80');
    await vi.waitFor(() => expect(api.watching()).toBe(1), { timeout: 30_000 });
    api.change(PODS, 'DELETED', pod('b', '10.1.0.2'));
    api.change(PODS, 'MODIFIED', pod('c', '10.1.0.9'));
    api.change(PODS, 'ADDED', pod('d', '10.1.0.4'));
    await t.until('10.1.0.1:80', '10.1.0.4:80', '10.1.0.9:80');
    expect(
      api.requests
        .find(({ searchParams }) => searchParams.has('watch'))
        ?.searchParams.get('allowWatchBookmarks'),
    ).toBe('true');
    expect(t.deps.failures).toEqual([]);
  });

  it('watches on from the newest version after a broken connection, without listing again', async () => {
    const t = await start({ [PODS]: [pod('a', '10.1.0.1')] });
    await t.until('10.1.0.1:80');
    await vi.waitFor(() => expect(api.watching()).toBe(1), { timeout: 30_000 });
    api.cut({ forget: false });
    await vi.waitFor(
      async () => {
        await t.deps.clock.advance(1_000);
        expect(api.watching()).toBe(1);
      },
      { timeout: 30_000 },
    );
    api.change(PODS, 'ADDED', pod('b', '10.1.0.2'));
    await t.until('10.1.0.1:80', '10.1.0.2:80');
    expect(api.requests.filter(({ searchParams }) => !searchParams.has('watch'))).toHaveLength(1);
  });

  it('lists again when its version is too old, and drops what vanished meanwhile', async () => {
    const t = await start({ [PODS]: [pod('a', '10.1.0.1'), pod('b', '10.1.0.2')] });
    await t.until('10.1.0.1:80', '10.1.0.2:80');
    await vi.waitFor(() => expect(api.watching()).toBe(1), { timeout: 30_000 });
    api.cut({ forget: true });
    api.change(PODS, 'DELETED', pod('a', ''));
    await t.until('10.1.0.2:80');
    expect(t.deps.failures).toContain('kubernetes');
  });

  it.each([['no JSON\n'], ['{"type":"WHAT"}\n'], ['[]\n']])(
    'survives %j in a watch, and an object that is none',
    async (text) => {
      const t = await start({ [PODS]: [pod('a', '10.1.0.1')] });
      await t.until('10.1.0.1:80');
      await vi.waitFor(() => expect(api.watching()).toBe(1), { timeout: 30_000 });
      api.say('{"type":"ADDED","object":{"metadata":{"name":7}}}\n');
      api.say(text);
      await vi.waitFor(
        async () => {
          await t.deps.clock.advance(1_000);
          expect(t.deps.failures).toContain('kubernetes');
        },
        { timeout: 30_000 },
      );
      api.change(PODS, 'ADDED', pod('b', '10.1.0.2'));
      await t.until('10.1.0.1:80', '10.1.0.2:80');
    },
  );

  it('keeps to the configured namespaces and selectors', async () => {
    const path = '/api/v1/namespaces/shop/pods';
    const t = await start(
      { [path]: [pod('a', '10.1.0.1')], '/api/v1/namespaces/default/pods': [] },
      {
        namespaces: { names: ['shop'], own_namespace: true },
        selectors: [{ role: 'pod', label: 'app=order', field: 'status.phase=Running' }],
      },
    );
    await t.until('10.1.0.1:80');
    const [asked] = api.requests.filter(({ pathname }) => pathname === path);
    expect(asked?.searchParams.get('labelSelector')).toBe('app=order');
    expect(asked?.searchParams.get('fieldSelector')).toBe('status.phase=Running');
  });

  it('joins endpoints with their service, pods and nodes', async () => {
    const t = await start(
      {
        '/api/v1/endpoints': [
          {
            metadata: { name: 'order', namespace: 'shop' },
            subsets: [
              {
                addresses: [
                  {
                    ip: '10.1.0.1',
                    nodeName: 'n1',
                    targetRef: { kind: 'Pod', name: 'a', namespace: 'shop' },
                  },
                ],
                ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
              },
            ],
          },
        ],
        '/api/v1/services': [
          {
            metadata: { name: 'order', namespace: 'shop', labels: { team: 'x' } },
            spec: { type: 'ClusterIP', ports: [] },
          },
        ],
        [PODS]: [
          pod('a', '10.1.0.1', {
            containers: [
              { name: 'app', image: 'i', ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }] },
              { name: 'side', image: 's', ports: [{ name: 'admin', containerPort: 9000, protocol: 'TCP' }] },
            ],
          }),
        ],
        '/api/v1/nodes': [{ metadata: { name: 'n1', labels: { zone: 'eu-1' } }, status: { addresses: [] } }],
      },
      { role: 'endpoints', attach_metadata: { node: true } },
    );
    await t.until('10.1.0.1:80', '10.1.0.1:9000');
    const [bound, other] = flat(t.updates.at(-1));
    expect(bound).toMatchObject({
      __meta_kubernetes_namespace: 'shop',
      __meta_kubernetes_endpoints_name: 'order',
      __meta_kubernetes_service_name: 'order',
      __meta_kubernetes_service_label_team: 'x',
      __meta_kubernetes_endpoint_ready: 'true',
      __meta_kubernetes_endpoint_port_name: 'http',
      __meta_kubernetes_endpoint_address_target_kind: 'Pod',
      __meta_kubernetes_pod_name: 'a',
      __meta_kubernetes_pod_container_name: 'app',
      __meta_kubernetes_node_label_zone: 'eu-1',
    });
    expect(other).toMatchObject({
      __meta_kubernetes_pod_container_name: 'side',
      __meta_kubernetes_pod_container_port_number: '9000',
    });
    expect(other).not.toHaveProperty('__meta_kubernetes_endpoint_ready');
  });

  it('tries again while it does not run in a cluster', async () => {
    api = await kubeApi({});
    const [config] = discoveryShape.kubernetes_sd_configs.parse([{ role: 'pod' }]);
    if (config === undefined) throw new Error('unreachable');
    const deps = discoveryDeps();
    const discoverer = createKubernetesDiscoverer(config, { ...deps, env: {} });
    follow(discoverer);
    await vi.waitFor(
      async () => {
        await deps.clock.advance(10_000);
        expect(deps.failures.length).toBeGreaterThan(1);
      },
      { timeout: 30_000 },
    );
    discoverer.stop();
  });
});
