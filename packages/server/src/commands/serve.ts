import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { type ConfigOptions, complain, problemLines, readConfig, say, withConfigOptions } from './options.ts';
import { runUntilSignal } from './run.ts';

/**
 * How long V8 waits after it has looked through the whole heap until it does so again to give memory back; its own figure is 8 s.
 * A server that scrapes makes garbage slowly enough to count as resting, and was looked through every minute for next to nothing:
 * a tenth of what scraping 10,000 series each second took. What a large query took is given back all the same, later. The demo,
 * many processes on one small machine, keeps V8's figure.
 */
const REST_BEFORE_REDUCING_MS = 600_000;

/** `pharos serve`: the server with the given configuration. */
export function serveCommand(): Command {
  return withConfigOptions(new Command('serve'))
    .description('runs Pharos')
    .action(async (options: ConfigOptions) => {
      setFlagsFromString(`--gc-memory-reducer-start-delay-ms=${REST_BEFORE_REDUCING_MS}`);
      const result = await readConfig(options, process.env);
      if (!result.ok) {
        complain(problemLines(result.problems));
        process.exit(1);
      }
      await runUntilSignal(result, {
        readConfig: () => readConfig(options, process.env),
        started: (pharos) => {
          say(`pharos: ready at ${pharos.url}`);
          return Promise.resolve();
        },
      });
    });
}
