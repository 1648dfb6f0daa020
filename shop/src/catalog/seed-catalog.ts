import { join } from 'node:path';
import { systemClock, systemRandom } from '../shared/clock.ts';
import { noFaults } from '../shared/faults/state.ts';
import { runMain } from '../shared/serve.ts';
import { openSqlite } from '../shared/storage/sqlite/database.ts';
import { PRODUCT_SCHEMA, sqliteProducts } from '../shared/storage/sqlite/products.ts';
import { createCatalogService } from './service.ts';

/** `seed-catalog`: adds the demo's products to the catalog's store; safe while the catalog runs, and more than once. */
runMain('seed-catalog', async () => {
  const file = join(process.env['SHOP_DATA_DIR'] || 'data/shop', 'catalog.db');
  const db = openSqlite(file, PRODUCT_SCHEMA);
  const silent = { inc: () => undefined, set: () => undefined, remove: () => undefined };
  const catalog = createCatalogService({
    products: sqliteProducts(db, async (_collection, _operation, run) => run()),
    clock: systemClock,
    random: systemRandom,
    faults: noFaults,
    metrics: { operations: silent, stockUpdates: silent, assetPrice: silent },
  });
  const added = await catalog.seed();
  db.close();
  process.stdout.write(`${added} products added to ${file}\n`);
});
