import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { runMain, stopOnSignal } from '../shared/serve.ts';
import { startOrder } from './app.ts';

runMain('order', async () => {
  stopOnSignal(await startOrder(loadConfig('order', process.env)), systemClock);
});
