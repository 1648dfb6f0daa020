import { Command } from 'commander';
import { readAlertmanagerConfig } from '../alerts/index.ts';
import { complain, problemLines, say } from './options.ts';

/** `pharos check alertmanager FILES`, after `amtool check-config`. */
export function checkAlertmanagerCommand(): Command {
  return new Command('alertmanager')
    .description("checks Alertmanager's configuration files and shows every problem with its line and column")
    .argument('<files...>')
    .action((files: readonly string[]) => {
      for (const file of files) {
        const loaded = readAlertmanagerConfig(file);
        if (!loaded.ok) {
          complain(problemLines(loaded.problems));
          process.exitCode = 1;
          continue;
        }
        const { receivers, inhibitRules, templates, warnings } = loaded.config;
        say(
          `${file}: fine, ${receivers.length} receiver(s), ${inhibitRules.length} inhibition rule(s), ${templates.length} template(s)`,
        );
        for (const warning of warnings) say(`  ${warning}`);
      }
    });
}
