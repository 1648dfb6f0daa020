import { Command } from 'commander';
import { complain, problemLines, readConfig, say } from './options.ts';

/** `pharos check config FILE`: every problem with its place, exit 1; or a line that all is well. */
export function checkConfigCommand(): Command {
  const config = new Command('config')
    .description('checks a configuration file and shows every problem with its line and column')
    .argument('<file>')
    .action(async (file: string) => {
      const result = await readConfig({ config: file }, process.env);
      if (result.ok) {
        say(`${file}: fine, ${result.config.scrapes.length} scrape job(s)`);
        return;
      }
      complain(problemLines(result.problems));
      process.exitCode = 1;
    });
  return new Command('check').description('checks files before they are used').addCommand(config);
}
