import { Command, Option } from 'commander';
import { checkRuleFile, RULE_LANGUAGES, type RuleLanguage } from '../alerts/index.ts';
import { complain, say } from './options.ts';

/** `pharos check rules FILES`, in the words of `promtool check rules`. */
export function checkRulesCommand(): Command {
  return new Command('rules')
    .description('checks rule files and shows every problem with file, line, group, rule and reason')
    .argument('<files...>')
    .addOption(
      new Option('-l, --language <language>', "of groups that do not say; logql for Loki's rule files")
        .choices(RULE_LANGUAGES)
        .default('promql' satisfies RuleLanguage),
    )
    .action(async (files: readonly string[], { language }: { readonly language: RuleLanguage }) => {
      for (const file of files) {
        say(`Checking ${file}`);
        const result = await checkRuleFile(file, language);
        if (result.ok) {
          say(`  SUCCESS: ${result.rules} rules found`);
          continue;
        }
        complain(['  FAILED:', ...result.problems.map((problem) => `  ${problem}`)].join('\n'));
        process.exitCode = 1;
      }
    });
}
