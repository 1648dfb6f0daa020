import type { BootOptions } from '../shared/boot.ts';
import { boot, openStore } from '../shared/boot.ts';
import type { ShopConfig } from '../shared/config.ts';
import { createApp } from '../shared/kit.ts';
import type { Job, RunningService } from '../shared/serve.ts';
import { serve } from '../shared/serve.ts';
import { PRODUCTS } from '../shared/storage/stores.ts';
import { catalogRoutes } from './routes.ts';
import { catalogMetrics, createCatalogService } from './service.ts';

const PRICE_STEP_MS = 10_000;

/** Products, their stock and their prices. */
export async function startCatalog(config: ShopConfig, options: BootOptions = {}): Promise<RunningService> {
  const { kit, onSwitch } = boot(config, options);
  const store = await openStore(kit, PRODUCTS);
  const catalog = createCatalogService({
    products: store.repository,
    clock: kit.clock,
    random: kit.random,
    faults: kit.faults,
    metrics: catalogMetrics(kit.metrics),
  });
  if (config.seedCatalog) await catalog.seed();
  else await catalog.refreshPrices();
  const app = await createApp(kit);
  catalogRoutes(app, { catalog, caller: kit.caller, service: kit.service });
  const jobs: Job[] = config.priceDrift
    ? [{ name: 'price step', everyMs: PRICE_STEP_MS, run: () => catalog.driftPrices() }]
    : [];
  return serve({ kit, app, jobs, onSwitch, close: () => store.close() });
}
