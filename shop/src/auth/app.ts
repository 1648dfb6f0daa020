import type { BootOptions } from '../shared/boot.ts';
import { boot, openStore } from '../shared/boot.ts';
import { createUserClient } from '../shared/clients.ts';
import type { ShopConfig } from '../shared/config.ts';
import { breakerRoutes, createApp } from '../shared/kit.ts';
import type { RunningService } from '../shared/serve.ts';
import { serve } from '../shared/serve.ts';
import { CREDENTIAL_SCHEMA, sqliteCredentials } from '../shared/storage/sqlite/credentials.ts';
import { authRoutes } from './routes.ts';
import { authMetrics, createAuthService } from './service.ts';

/** Registration and sign-in. */
export async function startAuth(config: ShopConfig, options: BootOptions = {}): Promise<RunningService> {
  const { kit, onSwitch } = boot(config, options);
  const { db, observe } = openStore(kit, CREDENTIAL_SCHEMA);
  const auth = createAuthService({
    credentials: sqliteCredentials(db, observe),
    users: createUserClient(kit.upstream('user')),
    tokens: kit.userTokens,
    clock: kit.clock,
    cost: config.bcryptCost,
    metrics: authMetrics(kit.metrics),
  });
  const app = await createApp(kit);
  authRoutes(app, auth);
  breakerRoutes(app, kit);
  return serve({ kit, app, onSwitch, close: () => db.close() });
}
