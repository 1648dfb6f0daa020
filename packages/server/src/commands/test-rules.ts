import { Command } from 'commander';
import { testRules } from '../alerts/index.ts';
import { complain, say } from './options.ts';

/** `pharos test rules FILES`, in the words of `promtool test rules`; exit 1 when one fails. */
export function testCommand(): Command {
  const rules = new Command('rules')
    .description("runs unit tests of rules in promtool's file format and shows what is not as expected")
    .argument('<files...>')
    .action(async (files: readonly string[]) => {
      for (const file of files) {
        say(`Unit Testing:  ${file}`);
        const { failures, warnings } = await testRules(file);
        for (const warning of warnings) complain(`  WARNING: ${warning}`);
        if (failures.length === 0) {
          say('  SUCCESS\n');
          continue;
        }
        complain('  FAILED:');
        for (const lines of failures) complain(`${lines.map((line) => `    ${line}`).join('\n')}\n`);
        process.exitCode = 1;
      }
    });
  return new Command('test').description('runs tests of what Pharos is configured with').addCommand(rules);
}
