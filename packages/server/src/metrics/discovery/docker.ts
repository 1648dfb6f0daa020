import { z } from 'zod';
import { createHttpClient, type HttpClient } from '../http-client/client.ts';
import { httpClientErrors } from '../http-client/errors.ts';
import type { ReadText } from '../http-client/headers.ts';
import type { DockerSdConfig } from './config.ts';
import { labelName } from './label-name.ts';
import { createRefreshDiscoverer, type RefreshDeps } from './refresh.ts';
import type { Discoverer, TargetGroup } from './types.ts';

export interface DockerDiscoveryDeps extends RefreshDeps {
  readonly readText: ReadText;
}

const MAX_BYTES = 64 * 2 ** 20;

const portSchema = z.object({
  PrivatePort: z.number(),
  PublicPort: z.number().optional(),
  IP: z.string().optional(),
  Type: z.string(),
});

const containersSchema = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).default([]),
    Labels: z.record(z.string(), z.string()).nullish(),
    Ports: z.array(portSchema).nullish(),
    HostConfig: z.object({ NetworkMode: z.string().default('') }).default({ NetworkMode: '' }),
    NetworkSettings: z
      .object({
        Networks: z
          .record(z.string(), z.object({ NetworkID: z.string(), IPAddress: z.string().default('') }))
          .nullish(),
      })
      .nullish(),
  }),
);

const networksSchema = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    Scope: z.string().default(''),
    Internal: z.boolean().default(false),
    Ingress: z.boolean().default(false),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
);

type Container = z.output<typeof containersSchema>[number];
type Network = z.output<typeof networksSchema>[number];
type Target = Record<string, string>;

/** `docker_sd_configs`: one target per TCP port (or the configured one) and network of each running container of a daemon. */
export function createDockerDiscoverer(config: DockerSdConfig, deps: DockerDiscoveryDeps): Discoverer {
  const { base, socketPath } = daemonOf(config.host);
  const client = createHttpClient({ config, readText: deps.readText, socketPath });
  const filters = JSON.stringify(
    Object.fromEntries(config.filters.map(({ name, values }) => [name, values])),
  );
  const look = async (signal: AbortSignal): Promise<TargetGroup[]> => {
    const [containers, networks] = await Promise.all([
      ask(client, `${base}/containers/json?filters=${encodeURIComponent(filters)}`, containersSchema, signal),
      ask(client, `${base}/networks`, networksSchema, signal),
    ]);
    return [{ source: 'docker', targets: dockerTargets(containers, networks, config), labels: {} }];
  };
  return createRefreshDiscoverer(
    {
      mechanism: 'docker',
      source: config.host,
      intervalMs: config.refresh_interval,
      look,
      close: () => client.close(),
    },
    deps,
  );
}

function daemonOf(host: string): { readonly base: string; readonly socketPath: string | undefined } {
  if (host.startsWith('unix://')) return { base: 'http://docker', socketPath: host.slice('unix://'.length) };
  return { base: host.replace(/^tcp:/, 'http:').replace(/\/+$/, ''), socketPath: undefined };
}

async function ask<Schema extends z.ZodType>(
  client: HttpClient,
  url: string,
  schema: Schema,
  signal: AbortSignal,
): Promise<z.output<Schema>> {
  const answer = await client.text(url, { signal, maxBytes: MAX_BYTES });
  const path = new URL(url).pathname;
  if (answer.status !== 200)
    throw httpClientErrors.make('status', `the Docker daemon answered ${answer.status} to ${path}`);
  try {
    return schema.parse(JSON.parse(answer.body));
  } catch (cause) {
    throw httpClientErrors.make('content', `the Docker daemon's answer to ${path} is not what its API says`, {
      cause,
    });
  }
}

/** The targets of the containers, with Prometheus' labels. Pure. */
export function dockerTargets(
  containers: readonly Container[],
  networks: readonly Network[],
  config: Pick<DockerSdConfig, 'port' | 'host_networking_host' | 'match_first_network'>,
): Target[] {
  const networkLabels = new Map(networks.map((network) => [network.Id, labelsOfNetwork(network)]));
  const byId = new Map(containers.map((container) => [container.Id, container]));
  return containers.flatMap((container) => {
    const owner = networkOwner(container, byId);
    const attached = Object.entries(owner?.NetworkSettings?.Networks ?? {}).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    const used = config.match_first_network ? attached.slice(0, 1) : attached;
    return used.flatMap(([, { NetworkID, IPAddress }]) =>
      portTargets(
        container,
        {
          address: IPAddress,
          labels: { ...networkLabels.get(NetworkID), __meta_docker_network_ip: IPAddress },
        },
        config,
      ),
    );
  });
}

/** `network_mode: container:ID` shares another container's networks. */
function networkOwner(container: Container, byId: ReadonlyMap<string, Container>): Container | undefined {
  const mode = container.HostConfig.NetworkMode;
  if (!mode.startsWith('container:')) return container;
  return byId.get(mode.slice('container:'.length));
}

function portTargets(
  container: Container,
  network: { readonly address: string; readonly labels: Target },
  config: Pick<DockerSdConfig, 'port' | 'host_networking_host'>,
): Target[] {
  const mode = container.HostConfig.NetworkMode;
  const common: Target = {
    __meta_docker_container_id: container.Id,
    __meta_docker_container_name: container.Names[0] ?? '',
    __meta_docker_container_network_mode: mode,
    ...network.labels,
  };
  for (const [name, value] of Object.entries(container.Labels ?? {}))
    common[`__meta_docker_container_label_${labelName(name)}`] = value;
  const targets = (container.Ports ?? [])
    .filter(({ Type }) => Type === 'tcp')
    .map((port) => ({
      ...common,
      __address__: `${network.address}:${port.PrivatePort}`,
      __meta_docker_port_private: String(port.PrivatePort),
      ...(port.PublicPort === undefined
        ? {}
        : {
            __meta_docker_port_public: String(port.PublicPort),
            __meta_docker_port_public_ip: port.IP ?? '',
          }),
    }));
  // The daemon lists a published port once per address family.
  const distinct = new Map(targets.map((target) => [target.__address__, target]));
  if (distinct.size > 0) return [...distinct.values()];
  const host = mode === 'host' ? config.host_networking_host : network.address;
  return [{ ...common, __address__: `${host}:${config.port}` }];
}

function labelsOfNetwork(network: Network): Target {
  const labels: Target = {
    __meta_docker_network_id: network.Id,
    __meta_docker_network_name: network.Name,
    __meta_docker_network_scope: network.Scope,
    __meta_docker_network_internal: String(network.Internal),
    __meta_docker_network_ingress: String(network.Ingress),
  };
  for (const [name, value] of Object.entries(network.Labels ?? {}))
    labels[`__meta_docker_network_label_${labelName(name)}`] = value;
  return labels;
}
