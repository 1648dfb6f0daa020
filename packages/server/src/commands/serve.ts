import { Command } from 'commander';
import { type ConfigOptions, complain, problemLines, readConfig, say, withConfigOptions } from './options.ts';
import { runUntilSignal } from './run.ts';

/** `pharos serve`: the server with the given configuration. */
export function serveCommand(): Command {
  return withConfigOptions(new Command('serve'))
    .description('runs Pharos')
    .action(async (options: ConfigOptions) => {
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
