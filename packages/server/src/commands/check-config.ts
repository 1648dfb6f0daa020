import { Command } from 'commander';
import { loadRules, readAlertmanagerConfig } from '../alerts/index.ts';
import type { PharosConfig } from '../config.ts';
import { queryOptions } from '../metrics/index.ts';
import { checkAlertmanagerCommand } from './check-alertmanager.ts';
import { checkRulesCommand } from './check-rules.ts';
import { complain, problemLines, readConfig, say } from './options.ts';

/** `pharos check config FILE`, `rules FILES`, `alertmanager FILES`: every problem with its place, exit 1; or a line that all is well. */
export function checkConfigCommand(): Command {
  const config = new Command('config')
    .description(
      'checks a configuration file, with the rule files and the alertmanager file it names, and shows every problem with its place',
    )
    .argument('<file>')
    .action(async (file: string) => {
      const result = await readConfig({ config: file }, process.env);
      const problems = result.ok
        ? [await ruleProblems(result.config), routingProblems(result.config)].filter(Boolean).join('\n')
        : problemLines(result.problems);
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
    .addCommand(checkRulesCommand())
    .addCommand(checkAlertmanagerCommand());
}

/** Line by line; empty when all is well. */
async function ruleProblems(config: PharosConfig): Promise<string> {
  const loaded = await loadRules(config.ruleFiles, queryOptions(config.metrics.query), () =>
    Promise.resolve(),
  );
  return loaded.ok ? '' : loaded.problems.join('\n');
}

/** The same of Alertmanager's file. */
function routingProblems({ alertmanager }: PharosConfig): string {
  const loaded = readAlertmanagerConfig(alertmanager.config_file);
  return loaded.ok ? '' : problemLines(loaded.problems);
}
