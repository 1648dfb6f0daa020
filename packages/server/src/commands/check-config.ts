import { Command } from 'commander';
import { loadRules } from '../alerts/index.ts';
import type { PharosConfig } from '../config.ts';
import { queryOptions } from '../metrics/index.ts';
import { checkRulesCommand } from './check-rules.ts';
import { complain, problemLines, readConfig, say } from './options.ts';

/** `pharos check config FILE`, `pharos check rules FILES`: every problem with its place, exit 1; or a line that all is well. */
export function checkConfigCommand(): Command {
  const config = new Command('config')
    .description(
      'checks a configuration file, with the rule files it names, and shows every problem with its place',
    )
    .argument('<file>')
    .action(async (file: string) => {
      const result = await readConfig({ config: file }, process.env);
      const problems = result.ok ? await ruleProblems(result.config) : problemLines(result.problems);
      if (result.ok && problems === '') {
        say(`${file}: fine, ${result.config.scrapes.length} scrape job(s)`);
        return;
      }
      complain(problems);
      process.exitCode = 1;
    });
  return new Command('check')
    .description('checks files before they are used')
    .addCommand(config)
    .addCommand(checkRulesCommand());
}

/** Line by line; empty when all is well. */
async function ruleProblems(config: PharosConfig): Promise<string> {
  const loaded = await loadRules(config.ruleFiles, queryOptions(config.metrics.query), () =>
    Promise.resolve(),
  );
  return loaded.ok ? '' : loaded.problems.join('\n');
}
