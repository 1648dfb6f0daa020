import type { BootOptions } from '../shared/boot.ts';
import { boot, openStore } from '../shared/boot.ts';
import { createCatalogClient, createUserClient } from '../shared/clients.ts';
import type { ShopConfig } from '../shared/config.ts';
import { breakerRoutes, createApp } from '../shared/kit.ts';
import type { RunningService } from '../shared/serve.ts';
import { serve } from '../shared/serve.ts';
import { ORDERS } from '../shared/storage/stores.ts';
import { orderRoutes } from './routes.ts';
import { createOrderService, orderMetrics } from './service.ts';

const RECOVERY_MS = 5_000;

/** Orders: created, then executed or cancelled. */
export async function startOrder(config: ShopConfig, options: BootOptions = {}): Promise<RunningService> {
  const { kit, onSwitch } = boot(config, options);
  const store = await openStore(kit, ORDERS);
  const orders = createOrderService({
    orders: store.repository,
    catalog: createCatalogClient(kit.upstream('catalog')),
    users: createUserClient(kit.upstream('user')),
    clock: kit.clock,
    metrics: orderMetrics(kit.metrics),
  });
  const app = await createApp(kit);
  orderRoutes(app, { orders, caller: kit.caller });
  breakerRoutes(app, kit);
  const jobs = [{ name: 'recovery of stranded orders', everyMs: RECOVERY_MS, run: () => orders.recover() }];
  return serve({ kit, app, jobs, onSwitch, close: () => store.close() });
}
