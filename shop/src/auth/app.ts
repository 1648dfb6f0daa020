import type { BootOptions } from '../shared/boot.ts';
import { boot, openStore } from '../shared/boot.ts';
import { createUserClient } from '../shared/clients.ts';
import type { ShopConfig } from '../shared/config.ts';
import { breakerRoutes, createApp } from '../shared/kit.ts';
import type { RunningService } from '../shared/serve.ts';
import { serve } from '../shared/serve.ts';
import { CREDENTIALS } from '../shared/storage/stores.ts';
import { authRoutes } from './routes.ts';
import { authMetrics, createAuthService } from './service.ts';

/** Registration and sign-in. */
export async function startAuth(config: ShopConfig, options: BootOptions = {}): Promise<RunningService> {
  const { kit, onSwitch } = boot(config, options);
  const store = await openStore(kit, CREDENTIALS);
  const auth = createAuthService({
    credentials: store.repository,
    users: createUserClient(kit.upstream('user')),
    tokens: kit.userTokens,
    clock: kit.clock,
    cost: config.bcryptCost,
    metrics: authMetrics(kit.metrics),
  });
  const app = await createApp(kit);
  authRoutes(app, auth);
  breakerRoutes(app, kit);
  return serve({ kit, app, onSwitch, close: () => store.close() });
}
