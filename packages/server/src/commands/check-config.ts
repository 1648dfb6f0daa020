import { Command } from 'commander';
import { loadRules, readAlertmanagerConfig, readOnCall } from '../alerts/index.ts';
import type { PharosConfig } from '../config.ts';
import { queryOptions } from '../metrics/index.ts';
import { moduleProblems, probeProblems } from '../probes/index.ts';
import { checkAlertmanagerCommand } from './check-alertmanager.ts';
import { checkOnCallCommand } from './check-on-call.ts';
import { checkRulesCommand } from './check-rules.ts';
import { complain, problemLines, readConfig, say } from './options.ts';

/** `pharos check config FILE`, `rules FILES`, `alertmanager FILES`, `oncall FILES`: every problem with its place, exit 1; or a line that all is well. */
export function checkConfigCommand(): Command {
  const config = new Command('config')
    .description(
      'checks a configuration file, with the rule files, the alertmanager file and the on-call file it names, and shows every problem with its place',
    )
    .argument('<file>')
    .action(async (file: string) => {
      const result = await readConfig({ config: file }, process.env);
      const problems = result.ok
        ? [
            await ruleProblems(result.config),
            routingProblems(result.config),
            ...moduleProblems(result.config.modules),
            ...probeProblems(result.config.probes.checks),
          ]
            .filter(Boolean)
            .join('\n')
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
    .addCommand(checkAlertmanagerCommand())
    .addCommand(checkOnCallCommand());
}

/** Line by line; empty when all is well. */
async function ruleProblems(config: PharosConfig): Promise<string> {
  const loaded = await loadRules(
    { promql: config.ruleFiles, logql: config.logRuleFiles },
    queryOptions(config.metrics.query),
    () => Promise.resolve(),
  );
  return loaded.ok ? '' : loaded.problems.join('\n');
}

/** The same of Alertmanager's file, and of who is on call, which names its receivers. */
function routingProblems({ alertmanager, onCall }: PharosConfig): string {
  const loaded = readAlertmanagerConfig(alertmanager.config_file);
  if (!loaded.ok) return problemLines(loaded.problems);
  const receivers = new Set(loaded.config.receivers.map(({ name }) => name));
  const people = readOnCall(onCall.config_file, receivers);
  return people.ok ? '' : problemLines(people.problems);
}
