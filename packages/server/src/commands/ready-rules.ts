import { Command } from 'commander';
import { stringify } from 'yaml';
import { readyRuleFile } from '../alerts/index.ts';
import { say } from './options.ts';

/** `pharos ready-rules`: the rules that Pharos brings along as a rule file, to read or to change. */
export function readyRulesCommand(): Command {
  return new Command('ready-rules')
    .description("prints the rules that Pharos brings along, as one of Prometheus' rule files")
    .action(() => say(stringify(readyRuleFile(), { lineWidth: 0 }).trimEnd()));
}
