import { openSqlite } from '../sqlite/database.ts';
import { PRODUCT_SCHEMA, sqliteProducts } from '../sqlite/products.ts';

/** One of several processes that reserve the same product until nothing is left; prints how much it got. */
const [, , file = '', name = '', tries = '0'] = process.argv;
const db = openSqlite(file, PRODUCT_SCHEMA);
const products = sqliteProducts(db, async (_collection, _operation, run) => run());
let got = 0;
for (let i = 0; i < Number(tries); i++) {
  const answer = await products.reserve({ orderId: `${name}-${i}`, productId: 'p', quantity: 1, now: i });
  if (answer.result === 'reserved') got++;
}
db.close();
process.stdout.write(`${got}\n`);
