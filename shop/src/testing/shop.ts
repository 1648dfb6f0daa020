import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../test/support/ports.ts';
import { startAuth } from '../auth/app.ts';
import { startCatalog } from '../catalog/app.ts';
import { startGateway } from '../gateway/app.ts';
import { startOrder } from '../order/app.ts';
import type { ShopConfig } from '../shared/config.ts';
import { loadConfig } from '../shared/config.ts';
import type { CallerName, ServiceName } from '../shared/ports.ts';
import { SERVICE_NAMES } from '../shared/ports.ts';
import type { RunningService } from '../shared/serve.ts';
import { startUser } from '../user/app.ts';

const START = {
  auth: startAuth,
  order: startOrder,
  catalog: startCatalog,
  user: startUser,
  gateway: startGateway,
};

/** All five services in one process, on free ports, with a store of their own. */
export interface TestShop {
  readonly env: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<ServiceName, RunningService>>;
  config(name: CallerName): ShopConfig;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Registers and signs in; answers the token. */
  signUp(username: string): Promise<string>;
  stop(): Promise<void>;
}

interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly service?: ServiceName;
}

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of many shapes
  readonly body: any;
  readonly headers: Headers;
}

export const PASSWORD = 'correct horse battery';

export async function startTestShop(env: Record<string, string> = {}): Promise<TestShop> {
  const dataDir = mkdtempSync(join(tmpdir(), 'shop-'));
  const full: Record<string, string> = {
    SHOP_DATA_DIR: dataDir,
    SHOP_BCRYPT_COST: '4',
    SHOP_FAULTS_ENABLED: 'true',
    SHOP_SEED_CATALOG: 'true',
    SHOP_RATE_LIMIT_PER_SECOND: '10000',
    SHOP_RATE_LIMIT_BURST: '10000',
    ...env,
  };
  for (const name of SERVICE_NAMES) {
    for (const kind of ['PORT', 'METRICS_PORT', 'CONTROL_PORT']) {
      full[`${name.toUpperCase()}_${kind}`] = String(await freePort());
    }
  }
  const started = await Promise.all(
    SERVICE_NAMES.map(
      async (name) => [name, await START[name](loadConfig(name, full), { quiet: true })] as const,
    ),
  );
  const services = Object.fromEntries(started) as Record<ServiceName, RunningService>;
  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    const headers: Record<string, string> = { ...options.headers };
    if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    const body = options.body === undefined ? null : JSON.stringify(options.body);
    const response = await fetch(services[options.service ?? 'gateway'].url + path, {
      method,
      headers,
      body,
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  };
  return {
    env: full,
    services,
    call,
    config: (name) => loadConfig(name, full),
    signUp: async (username) => {
      const credentials = { username, password: PASSWORD };
      await call('POST', '/register', { body: credentials });
      const answer = await call('POST', '/signin', { body: credentials });
      return String(answer.body.access_token);
    },
    stop: async () => {
      await Promise.all(SERVICE_NAMES.map((name) => services[name].stop()));
      rmSync(dataDir, { recursive: true });
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
