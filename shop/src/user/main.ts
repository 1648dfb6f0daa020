import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { runMain, stopOnSignal } from '../shared/serve.ts';
import { startUser } from './app.ts';

runMain('user', async () => {
  stopOnSignal(await startUser(loadConfig('user', process.env)), systemClock);
});
