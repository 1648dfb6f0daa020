import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { runMain, stopOnSignal } from '../shared/serve.ts';
import { startGateway } from './app.ts';

runMain('gateway', async () => {
  stopOnSignal(await startGateway(loadConfig('gateway', process.env)), systemClock);
});
