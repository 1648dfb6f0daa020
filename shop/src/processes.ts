import { join } from 'node:path';
import type { CallerName, ServiceName } from './shared/ports.ts';
import { CONTROLLER_PORT, DEFAULT_PORTS, SERVICE_NAMES } from './shared/ports.ts';

/** One process of the demo, for whoever supervises it. */
export interface ShopProcess {
  readonly name: CallerName;
  /** Absolute path of the built entry. */
  readonly entry: string;
  readonly nodeArgs: readonly string[];
  /** To be added to the supervisor's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  /** Null for the controller, which is not watched. */
  readonly metricsPort: number | null;
  readonly controlPort: number | null;
}

export interface ShopProcessesOptions {
  /** Where the built shop lies: the folder with `auth.js` in it. */
  readonly distDir: string;
  /** Where stores, logs and the ground truth go. */
  readonly dataDir: string;
  /** Whether the controller starts with traffic. Default `steady`. */
  readonly trafficMode?: 'off' | 'steady' | 'bursty' | 'diurnal';
  /** Mean requests per second. Default 6. */
  readonly trafficRate?: number;
  /** Added to each process's environment last, so that ports and the like can be changed. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Small heaps: a service of the shop needs some 20 MB, and a young generation of 2 MB costs a little processor time for
 * a lot of memory. The collector is exposed so that a memory leak that is ended gives its memory back at once.
 */
const NODE_ARGS = [
  '--max-old-space-size=96',
  '--max-semi-space-size=2',
  '--expose-gc',
  '--enable-source-maps',
] as const;

/**
 * The six processes of the demo with everything they are told: ports, seeding, drift and faults. Their secrets lie in the
 * data directory, unless the supervisor's environment has them, so that yesterday's shoppers can sign in today.
 */
export function shopProcesses(options: ShopProcessesOptions): readonly ShopProcess[] {
  const { distDir, dataDir, trafficMode = 'steady', trafficRate = 6, env = {} } = options;
  const common = {
    // Each thread of the runtime would else keep memory of its own: some 15 MB in each process.
    MALLOC_ARENA_MAX: '2',
    SHOP_DATA_DIR: dataDir,
    SHOP_FAULTS_ENABLED: 'true',
    SHOP_SEED_CATALOG: 'true',
    SHOP_PRICE_DRIFT: 'true',
    SHOP_TRAFFIC_MODE: trafficMode,
    SHOP_TRAFFIC_RATE: String(trafficRate),
    SHOP_LOG_STDOUT: 'false',
    // Short, so that the demo shows recoveries within seconds.
    CIRCUIT_BREAKER_TIMEOUT: '10s',
    ...env,
  };
  const portIn = (key: string, fallback: number): number => Number(env[key] ?? fallback);
  const processOf = (name: CallerName): ShopProcess => {
    const prefix = name.toUpperCase();
    const defaults = name === 'controller' ? null : DEFAULT_PORTS[name satisfies ServiceName];
    return {
      name,
      entry: join(distDir, `${name}.js`),
      nodeArgs: NODE_ARGS,
      env: common,
      port: portIn(`${prefix}_PORT`, defaults?.port ?? CONTROLLER_PORT),
      metricsPort: defaults && portIn(`${prefix}_METRICS_PORT`, defaults.metricsPort),
      controlPort: defaults && portIn(`${prefix}_CONTROL_PORT`, defaults.controlPort),
    };
  };
  return [...SERVICE_NAMES, 'controller' as const].map(processOf);
}
