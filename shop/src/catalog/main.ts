import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { runMain, stopOnSignal } from '../shared/serve.ts';
import { startCatalog } from './app.ts';

runMain('catalog', async () => {
  stopOnSignal(await startCatalog(loadConfig('catalog', process.env)), systemClock);
});
