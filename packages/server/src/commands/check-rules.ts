import { Command } from 'commander';
import { checkRuleFile } from '../alerts/index.ts';
import { complain, say } from './options.ts';

/** `pharos check rules FILES`, in the words of `promtool check rules`. */
export function checkRulesCommand(): Command {
  return new Command('rules')
    .description('checks rule files and shows every problem with file, line, group, rule and reason')
    .argument('<files...>')
    .action(async (files: readonly string[]) => {
      for (const file of files) {
        say(`Checking ${file}`);
        const result = await checkRuleFile(file);
        if (result.ok) {
          say(`  SUCCESS: ${result.rules} rules found`);
          continue;
        }
        complain(['  FAILED:', ...result.problems.map((problem) => `  ${problem}`)].join('\n'));
        process.exitCode = 1;
      }
    });
}
