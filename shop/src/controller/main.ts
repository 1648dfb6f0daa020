import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { runMain, stopOnSignal } from '../shared/serve.ts';
import { startController } from './app.ts';
import { runCommand } from './cli.ts';

runMain('controller', async () => {
  const args = process.argv.slice(2);
  if (args.length > 0) {
    process.exitCode = await runCommand(args, process.env, (text) => process.stdout.write(text));
    return;
  }
  stopOnSignal(await startController(loadConfig('controller', process.env)), systemClock);
});
