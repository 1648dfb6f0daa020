import { Command } from 'commander';
import { readAlertmanagerConfig, readOnCall } from '../alerts/index.ts';
import { complain, problemLines, say } from './options.ts';

/** `pharos check oncall FILES --alertmanager FILE` */
export function checkOnCallCommand(): Command {
  return new Command('oncall')
    .description('checks files of who is on call and shows every problem with its line and column')
    .argument('<files...>')
    .requiredOption('--alertmanager <file>', "Alertmanager's file, whose receivers they name")
    .action((files: readonly string[], { alertmanager }: { readonly alertmanager: string }) => {
      const routing = readAlertmanagerConfig(alertmanager);
      if (!routing.ok) {
        complain(problemLines(routing.problems));
        process.exitCode = 1;
        return;
      }
      const receivers = new Set(routing.config.receivers.map(({ name }) => name));
      for (const file of files) {
        const loaded = readOnCall(file, receivers);
        if (!loaded.ok) {
          complain(problemLines(loaded.problems));
          process.exitCode = 1;
          continue;
        }
        const { people, schedules, policies } = loaded.config;
        say(
          `${file}: fine, ${people.length} people, ${schedules.length} schedule(s), ${policies.length} policy or policies`,
        );
      }
    });
}
