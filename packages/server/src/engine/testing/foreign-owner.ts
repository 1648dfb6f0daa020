import { join } from 'node:path';
import { systemClock } from '../../kernel/clock.ts';
import { createSupervised } from '../create.ts';
import { loadDriver } from '../embedded/driver.ts';
import { sql } from '../sql.ts';
import { testOptions } from './open.ts';
import { samplesTable } from './samples.ts';

/*
 * A server of its own for crash tests: opens the engine of a directory, prints one line with the engine's pid, and holds on.
 * `busy` keeps heavy statements running; `direct` opens the data with the bare library, as a stranger would. The entry is the engine's.
 */
const [directory = '', mode = '', entry = ''] = process.argv.slice(2);

if (mode === 'direct') {
  const driver = await loadDriver(join(directory, 'clickhouse'));
  driver.open([]);
  process.stdout.write(`${process.pid}\n`);
} else {
  const options = testOptions(directory, [samplesTable], { entry });
  const { host, engine } = createSupervised(options);
  await engine.start();
  const heavy = sql`SELECT sum(cityHash64(number)) FROM numbers(1000000000000)`;
  if (mode === 'busy')
    for (let i = 0; i < 3; i++) engine.query(heavy, { purpose: 'test.heavy', tenant: 'x' }).catch(() => {});
  process.stdout.write(`${host.enginePid()}\n`);
}
systemClock.every(1_000, () => {});
process.stdin.resume();
