import { z } from 'zod';
import type { Timer } from '../../../kernel/clock.ts';
import { createHttpClient, type HttpClient } from '../../http-client/client.ts';
import type { KubernetesSdConfig } from '../config.ts';
import type { RefreshDeps } from '../refresh.ts';
import type { Discoverer, TargetGroup } from '../types.ts';
import { type Connection, type ConnectionDeps, connectionOf } from './connection.ts';
import { Informer } from './informer.ts';
import {
  endpointSliceSchema,
  endpointsSchema,
  ingressSchema,
  type Metadata,
  metadataSchema,
  nodeSchema,
  podSchema,
  serviceSchema,
} from './objects.ts';
import { RESOURCES, type ResourceName, ROLES, watchedBy } from './resources.ts';
import type { World } from './world.ts';

export type KubernetesDiscoveryDeps = RefreshDeps & ConnectionDeps;

const RECONNECT_MS = 10_000;
/** Changes that follow each other are shown together: a rollout changes hundreds of objects. */
const GATHER_MS = 1_000;

type Update = (groups: readonly TargetGroup[]) => void;

/** `kubernetes_sd_configs`: the role's targets, followed by list and watch. */
export function createKubernetesDiscoverer(
  config: KubernetesSdConfig,
  deps: KubernetesDiscoveryDeps,
): Discoverer {
  const stop = new AbortController();
  let cluster: Cluster | null = null;
  const start = async (update: Update): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        const connection = await connectionOf(config, deps);
        const client = createHttpClient({ config: connection.http, readText: deps.readText });
        if (stop.signal.aborted) return await client.close();
        cluster = new Cluster(config, connection, client, deps, update);
        return;
      } catch (error) {
        report(deps, error);
        await deps.clock.sleep(RECONNECT_MS, stop.signal).catch(() => undefined);
      }
    }
  };
  return {
    start: (update) => void start(update),
    stop: () => {
      stop.abort();
      cluster?.stop();
    },
  };
}

function report({ log, onFailure }: RefreshDeps, error: unknown): void {
  onFailure('kubernetes');
  const message = error instanceof Error ? error.message : String(error);
  log.warn(
    { mechanism: 'kubernetes', error: message },
    'the cluster could not be asked; the last targets stay',
  );
}

/** The informers of one configuration, and the groups made of what they know. */
class Cluster {
  readonly #config: KubernetesSdConfig;
  readonly #connection: Connection;
  readonly #client: HttpClient;
  readonly #deps: KubernetesDiscoveryDeps;
  readonly #update: Update;
  readonly #informers: Pick<Informer<{ readonly metadata: Metadata }>, 'start' | 'stop' | 'synced'>[] = [];
  readonly #world: World;
  #timer: Timer | null = null;

  constructor(
    config: KubernetesSdConfig,
    connection: Connection,
    client: HttpClient,
    deps: KubernetesDiscoveryDeps,
    update: Update,
  ) {
    this.#config = config;
    this.#connection = connection;
    this.#client = client;
    this.#deps = deps;
    this.#update = update;
    this.#world = {
      pods: this.#watch('pods', podSchema),
      nodes: this.#watch('nodes', nodeSchema),
      services: this.#watch('services', serviceSchema),
      endpoints: this.#watch('endpoints', endpointsSchema),
      endpointSlices: this.#watch('endpointSlices', endpointSliceSchema),
      ingresses: this.#watch('ingresses', ingressSchema),
      namespaces: this.#watch('namespaces', z.object({ metadata: metadataSchema })),
    };
    for (const informer of this.#informers) informer.start();
  }

  stop(): void {
    this.#timer?.cancel();
    for (const informer of this.#informers) informer.stop();
    void this.#client.close();
  }

  /** A kind's objects: by one informer for the whole cluster, or one per configured namespace. Empty when the role needs none. */
  #watch<Thing extends { readonly metadata: Metadata }>(
    name: ResourceName,
    schema: z.ZodType<Thing>,
  ): ReadonlyMap<string, Thing> {
    const items = new Map<string, Thing>();
    if (!watchedBy(this.#config).includes(name)) return items;
    const { root, path, namespaced, selector } = RESOURCES[name];
    const { names, own_namespace: own } = this.#config.namespaces;
    const namespaces = [...names, ...(own ? [this.#connection.namespace] : [])];
    const paths =
      namespaced && namespaces.length > 0
        ? namespaces.map((namespace) => `${root}/namespaces/${encodeURIComponent(namespace)}/${path}`)
        : [`${root}/${path}`];
    const found = this.#config.selectors.find(({ role }) => role === selector);
    const query = {
      ...(found?.label === undefined ? {} : { labelSelector: found.label }),
      ...(found?.field === undefined ? {} : { fieldSelector: found.field }),
    };
    for (const one of paths)
      this.#informers.push(
        new Informer<Thing>({
          client: this.#client,
          url: `${this.#connection.base}${one}`,
          query,
          items,
          schema,
          clock: this.#deps.clock,
          random: this.#deps.random,
          onChange: () => this.#changed(),
          onFailure: (error) => report(this.#deps, error),
        }),
      );
    return items;
  }

  #changed(): void {
    if (this.#timer !== null || this.#informers.some(({ synced }) => !synced)) return;
    this.#timer = this.#deps.clock.after(GATHER_MS, () => {
      this.#timer = null;
      this.#update(ROLES[this.#config.role].groups(this.#world));
    });
  }
}
