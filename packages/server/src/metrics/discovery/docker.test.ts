import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { discoveryShape } from './config.ts';
import { createDockerDiscoverer, dockerTargets } from './docker.ts';
import { discoveryDeps, type FakeServer, fakeServer, flat, follow, json } from './testing/harness.ts';

/** Shapes of `GET /containers/json` and `GET /networks`, Docker Engine API 1.4x. */
const CONTAINERS = [
  {
    Id: 'c1',
    Names: ['/shop-order-1'],
    Labels: { 'com.docker.compose.service': 'order' },
    Ports: [
      { IP: '0.0.0.0', PrivatePort: 8003, PublicPort: 18003, Type: 'tcp' },
      { IP: '::', PrivatePort: 8003, PublicPort: 18003, Type: 'tcp' },
      { PrivatePort: 53, Type: 'udp' },
    ],
    HostConfig: { NetworkMode: 'shop_default' },
    NetworkSettings: {
      Networks: {
        shop_default: { NetworkID: 'n1', IPAddress: '172.18.0.2' },
        back: { NetworkID: 'n2', IPAddress: '10.1.0.2' },
      },
    },
  },
  {
    Id: 'c2',
    Names: ['/sidecar'],
    Labels: {},
    Ports: [],
    HostConfig: { NetworkMode: 'container:c1' },
    NetworkSettings: { Networks: {} },
  },
  {
    Id: 'c3',
    Names: ['/agent'],
    Labels: null,
    Ports: [],
    HostConfig: { NetworkMode: 'host' },
    NetworkSettings: { Networks: { host: { NetworkID: 'n3', IPAddress: '' } } },
  },
];
const NETWORKS = [
  { Id: 'n1', Name: 'shop_default', Scope: 'local', Internal: false, Ingress: false, Labels: { team: 'a' } },
  { Id: 'n2', Name: 'back', Scope: 'local', Internal: true, Ingress: false, Labels: null },
  { Id: 'n3', Name: 'host', Scope: 'local', Internal: false, Ingress: false, Labels: {} },
];

let folder: string;
let server: FakeServer | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-sd-'));
});
afterEach(async () => {
  await server?.close();
  await rm(folder, { recursive: true });
});

describe('docker_sd_configs', () => {
  it('asks the daemon over its socket with the filters, and follows containers', async () => {
    let containers: unknown = CONTAINERS;
    let filters: string | null = null;
    const socket = join(folder, 'docker.sock');
    server = await fakeServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://docker');
      if (url.pathname === '/containers/json') filters = url.searchParams.get('filters');
      json(response, url.pathname === '/networks' ? NETWORKS : containers);
    }, socket);
    const [config] = discoveryShape.docker_sd_configs.parse([
      { host: `unix://${socket}`, filters: [{ name: 'label', values: ['x=y'] }] },
    ]);
    if (config === undefined) throw new Error('unreachable');
    const deps = discoveryDeps();
    const discoverer = createDockerDiscoverer(config, deps);
    const updates = follow(discoverer);
    await vi.waitFor(() => expect(updates).toHaveLength(1), { timeout: 30_000 });
    expect(filters).toBe('{"label":["x=y"]}');
    expect(flat(updates[0]).map((target) => target['__address__'])).toEqual([
      '10.1.0.2:8003',
      '10.1.0.2:80',
      'localhost:80',
    ]);
    containers = [];
    await vi.waitFor(
      async () => {
        await deps.clock.advance(60_000);
        expect(flat(updates.at(-1))).toEqual([]);
      },
      { timeout: 30_000 },
    );
    containers = { message: 'no' };
    await vi.waitFor(
      async () => {
        await deps.clock.advance(60_000);
        expect(deps.failures).toContain('docker');
      },
      { timeout: 30_000 },
    );
    discoverer.stop();
  });

  it('labels containers, networks and ports', () => {
    const networks = NETWORKS.map((network) => ({ ...network, Labels: network.Labels ?? undefined }));
    const containers = CONTAINERS.slice(0, 1).map((container) => ({
      ...container,
      Labels: container.Labels ?? undefined,
    }));
    const targets = dockerTargets(containers, networks, {
      port: 80,
      host_networking_host: 'localhost',
      match_first_network: false,
    });
    expect(targets).toHaveLength(2);
    expect(targets[1]).toEqual({
      __address__: '172.18.0.2:8003',
      __meta_docker_container_id: 'c1',
      __meta_docker_container_name: '/shop-order-1',
      __meta_docker_container_network_mode: 'shop_default',
      __meta_docker_container_label_com_docker_compose_service: 'order',
      __meta_docker_network_id: 'n1',
      __meta_docker_network_name: 'shop_default',
      __meta_docker_network_scope: 'local',
      __meta_docker_network_internal: 'false',
      __meta_docker_network_ingress: 'false',
      __meta_docker_network_label_team: 'a',
      __meta_docker_network_ip: '172.18.0.2',
      __meta_docker_port_private: '8003',
      __meta_docker_port_public: '18003',
      __meta_docker_port_public_ip: '::',
    });
  });
});
