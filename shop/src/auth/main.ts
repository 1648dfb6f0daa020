import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { runMain, stopOnSignal } from '../shared/serve.ts';
import { startAuth } from './app.ts';

runMain('auth', async () => {
  stopOnSignal(await startAuth(loadConfig('auth', process.env)), systemClock);
});
