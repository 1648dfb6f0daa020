import type { BootOptions } from '../shared/boot.ts';
import { boot, openStore } from '../shared/boot.ts';
import { createCatalogClient } from '../shared/clients.ts';
import type { ShopConfig } from '../shared/config.ts';
import { breakerRoutes, createApp } from '../shared/kit.ts';
import type { RunningService } from '../shared/serve.ts';
import { serve } from '../shared/serve.ts';
import { ACCOUNTS } from '../shared/storage/stores.ts';
import { userRoutes } from './routes.ts';
import { createUserService, userMetrics } from './service.ts';

const TOTALS_MS = 15_000;

/** Profiles, balances and portfolios. */
export async function startUser(config: ShopConfig, options: BootOptions = {}): Promise<RunningService> {
  const { kit, onSwitch } = boot(config, options);
  const store = await openStore(kit, ACCOUNTS);
  const users = createUserService({
    accounts: store.repository,
    catalog: createCatalogClient(kit.upstream('catalog')),
    clock: kit.clock,
    metrics: userMetrics(kit.metrics),
  });
  const app = await createApp(kit);
  const database = async (): Promise<{ connected: boolean; latencyMs: number }> => {
    const started = kit.clock.monotonic();
    const connected = await store.observe('accounts', 'ping', () => store.ping());
    return { connected, latencyMs: Math.round((kit.clock.monotonic() - started) * 1000) / 1000 };
  };
  userRoutes(app, { users, caller: kit.caller, service: kit.service, database });
  breakerRoutes(app, kit);
  const jobs = [{ name: 'portfolio totals', everyMs: TOTALS_MS, run: () => users.refreshTotals() }];
  return serve({ kit, app, jobs, onSwitch, close: () => store.close() });
}
