import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { openSqlite } from './sqlite/database.ts';
import { PRODUCT_SCHEMA, sqliteProducts } from './sqlite/products.ts';

const run = promisify(execFile);
const CHILDREN = 4;
const TRIES = 150;
const STOCK = 400;

it('several processes on one store never sell more than there is', async () => {
  // Below node_modules, so that the child finds the packages, and out of the sources' way.
  const cache = join(import.meta.dirname, '../../../../node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'shop-race-'));
  const store = mkdtempSync(join(tmpdir(), 'shop-race-'));
  try {
    const file = join(store, 'catalog.db');
    const db = openSqlite(file, PRODUCT_SCHEMA);
    const products = sqliteProducts(db, async (_collection, _operation, work) => work());
    await products.add({ id: 'p', name: 'P', description: '', priceCents: 1, stock: STOCK, updatedAt: 0 });
    const outfile = join(directory, 'race-child.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'testing/race-child.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    });
    const outputs = await Promise.all(
      Array.from({ length: CHILDREN }, (_, i) =>
        run(process.execPath, [outfile, file, `c${i}`, String(TRIES)]),
      ),
    );
    const got = outputs.map(({ stdout }) => Number(stdout));
    expect(got.reduce((sum, n) => sum + n, 0)).toBe(STOCK);
    expect((await products.find('p'))?.stock).toBe(0);
    db.close();
  } finally {
    rmSync(directory, { recursive: true });
    rmSync(store, { recursive: true });
  }
});
