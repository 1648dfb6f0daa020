import { join } from 'node:path';
import { z } from 'zod';
import type { CallerName, ServiceName } from './ports.ts';
import { CONTROLLER_PORT, DEFAULT_PORTS, SERVICE_NAMES } from './ports.ts';
import { MIN_SECRET_CHARACTERS, sharedSecrets } from './secrets.ts';

/** Whether verdicts on orders are asked for, and whether a refusal stops the order. */
export const VERDICT_MODES = ['off', 'shadow', 'enforce'] as const;
export type VerdictMode = (typeof VERDICT_MODES)[number];

/** Everything a shop process is told from outside. Every variable has a default that works on one machine. */
export interface ShopConfig {
  readonly name: CallerName;
  readonly host: string;
  readonly port: number;
  /** A second listener with nothing but `/metrics`; null for the controller, which is not watched. */
  readonly metricsPort: number | null;
  /** The fault control channel; null unless `SHOP_FAULTS_ENABLED` says true. */
  readonly controlPort: number | null;
  readonly dataDir: string;
  /** A MongoDB replica set that the services store in; null: each in its own SQLite file below `dataDir`. */
  readonly mongodbUri: string | null;
  readonly urls: Readonly<Record<ServiceName, string>>;
  readonly controlUrls: Readonly<Record<ServiceName, string>>;
  readonly allowedHosts: readonly string[];
  readonly jwtSecret: string;
  readonly serviceSecret: string;
  readonly bcryptCost: number;
  readonly rateLimit: { readonly perSecond: number; readonly burst: number };
  readonly seedCatalog: boolean;
  readonly priceDrift: boolean;
  readonly traffic: { readonly mode: string; readonly rate: number };
  /** What the controller demands of its callers; null: nothing, which only loopback allows. */
  readonly controllerToken: string | null;
  /** The gateway's: whom it asks for verdicts (null: nobody), with what credential, how long it waits. */
  readonly verdicts: {
    readonly mode: VerdictMode;
    readonly url: string | null;
    readonly token: string | null;
    readonly timeoutMs: number;
  };
  readonly logFile: string;
  readonly logStdout: boolean;
}

const LIMITS = {
  port: [0, 65_535],
  bcryptCost: [4, 15],
  perSecond: [1, 100_000],
  rate: [0.1, 200],
  verdictTimeout: [1, 10_000],
} as const;

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the environment of one process; a wrong value is one clear error that names the variable. */
export function loadConfig(name: CallerName, env: Env): ShopConfig {
  const ports = name === 'controller' ? null : DEFAULT_PORTS[name];
  const prefix = name.toUpperCase();
  const dataDir = env['SHOP_DATA_DIR'] || 'data/shop';
  return {
    name,
    host: env['SHOP_HOST'] || '127.0.0.1',
    port: numberOf(env, `${prefix}_PORT`, ports?.port ?? CONTROLLER_PORT, LIMITS.port),
    metricsPort: ports && numberOf(env, `${prefix}_METRICS_PORT`, ports.metricsPort, LIMITS.port),
    controlPort:
      ports && flag(env, 'SHOP_FAULTS_ENABLED', false)
        ? numberOf(env, `${prefix}_CONTROL_PORT`, ports.controlPort, LIMITS.port)
        : null,
    dataDir,
    mongodbUri: mongodbUriOf(env),
    urls: urlsOf(env, 'URL', (service) => portOf(env, service, 'PORT', DEFAULT_PORTS[service].port)),
    controlUrls: urlsOf(env, 'CONTROL_URL', (service) =>
      portOf(env, service, 'CONTROL_PORT', DEFAULT_PORTS[service].controlPort),
    ),
    allowedHosts: (env['SHOP_ALLOWED_HOSTS'] ?? '')
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
    ...secretsOf(env, dataDir),
    bcryptCost: numberOf(env, 'SHOP_BCRYPT_COST', 10, LIMITS.bcryptCost),
    rateLimit: {
      perSecond: numberOf(env, 'SHOP_RATE_LIMIT_PER_SECOND', 50, LIMITS.perSecond),
      burst: numberOf(env, 'SHOP_RATE_LIMIT_BURST', 100, LIMITS.perSecond),
    },
    seedCatalog: flag(env, 'SHOP_SEED_CATALOG', false),
    priceDrift: flag(env, 'SHOP_PRICE_DRIFT', false),
    traffic: {
      mode: env['SHOP_TRAFFIC_MODE'] || 'off',
      rate: numberOf(env, 'SHOP_TRAFFIC_RATE', 6, LIMITS.rate),
    },
    controllerToken: env['SHOP_CONTROLLER_TOKEN'] || null,
    verdicts: verdictsOf(env),
    logFile: join(env['SHOP_LOG_DIR'] || join(dataDir, 'logs'), `${name}.log`),
    logStdout: flag(env, 'SHOP_LOG_STDOUT', true),
  };
}

function verdictsOf(env: Env): ShopConfig['verdicts'] {
  const given = env['SHOP_VERDICTS'] || 'shadow';
  const mode = VERDICT_MODES.find((known) => known === given.toLowerCase());
  if (mode === undefined)
    throw new Error(
      `SHOP_VERDICTS: got ${JSON.stringify(given)}, expected one of ${VERDICT_MODES.join(', ')}`,
    );
  return {
    mode,
    // What is no address is the SDK's to complain about, which sends everything else there.
    url: urlIn(env['PHAROS_URL']),
    token: env['PHAROS_TOKEN'] || null,
    timeoutMs: numberOf(env, 'SHOP_VERDICT_TIMEOUT_MS', 250, LIMITS.verdictTimeout),
  };
}

function urlIn(given: string | undefined): string | null {
  const url = z.url({ protocol: /^https?$/ }).safeParse(given);
  return url.success ? url.data.replace(/\/+$/, '') : null;
}

function portOf(env: Env, service: ServiceName, suffix: string, fallback: number): number {
  return numberOf(env, `${service.toUpperCase()}_${suffix}`, fallback, LIMITS.port);
}

function urlsOf(
  env: Env,
  suffix: string,
  port: (service: ServiceName) => number,
): Record<ServiceName, string> {
  const urlOf = (service: ServiceName): string => {
    const key = `${service.toUpperCase()}_${suffix}`;
    const given = env[key];
    if (given === undefined || given === '') return `http://127.0.0.1:${port(service)}`;
    const url = z.url({ protocol: /^https?$/ }).safeParse(given);
    if (!url.success) throw new Error(`${key}: got ${JSON.stringify(given)}, expected an http(s) URL`);
    return url.data.replace(/\/+$/, '');
  };
  const [auth, order, catalog, user, gateway] = SERVICE_NAMES.map(urlOf);
  return {
    auth: auth ?? '',
    order: order ?? '',
    catalog: catalog ?? '',
    user: user ?? '',
    gateway: gateway ?? '',
  };
}

function secretsOf(env: Env, dataDir: string): { jwtSecret: string; serviceSecret: string } {
  const jwtSecret = env['SHOP_JWT_SECRET'] || null;
  const serviceSecret = env['SHOP_SERVICE_SECRET'] || null;
  for (const [key, secret] of Object.entries({
    SHOP_JWT_SECRET: jwtSecret,
    SHOP_SERVICE_SECRET: serviceSecret,
  })) {
    if (secret !== null && secret.length < MIN_SECRET_CHARACTERS) {
      throw new Error(`${key}: got ${secret.length} characters, expected at least ${MIN_SECRET_CHARACTERS}`);
    }
  }
  if (jwtSecret !== null && serviceSecret !== null) return { jwtSecret, serviceSecret };
  const shared = sharedSecrets(dataDir);
  return { jwtSecret: jwtSecret ?? shared.jwtSecret, serviceSecret: serviceSecret ?? shared.serviceSecret };
}

function mongodbUriOf(env: Env): string | null {
  const given = env['MONGODB_URI'];
  if (given === undefined || given === '') return null;
  if (/^mongodb(\+srv)?:\/\/./.test(given)) return given;
  // It may hold a password: what came is not repeated.
  throw new Error('MONGODB_URI: expected an address that begins with mongodb:// or mongodb+srv://');
}

function numberOf(env: Env, key: string, fallback: number, [min, max]: readonly [number, number]): number {
  const given = env[key];
  if (given === undefined || given === '') return fallback;
  const value = Number(given);
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new Error(`${key}: got ${JSON.stringify(given)}, expected a number from ${min} to ${max}`);
}

function flag(env: Env, key: string, fallback: boolean): boolean {
  const given = env[key]?.toLowerCase();
  if (given === undefined || given === '') return fallback;
  if (['true', '1', 'yes', 'on'].includes(given)) return true;
  if (['false', '0', 'no', 'off'].includes(given)) return false;
  throw new Error(`${key}: got ${JSON.stringify(given)}, expected true or false`);
}
