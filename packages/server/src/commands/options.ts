import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Command } from 'commander';
import { type PharosConfig, SECTIONS } from '../config.ts';
import { type ConfigProblem, type ConfigResult, loadConfig, problemLine } from '../kernel/config/load.ts';

/** What every command that reads configuration takes. */
export interface ConfigOptions {
  readonly config?: string;
  readonly set?: readonly string[];
}

export function withConfigOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (YAML)')
    .option(
      '-s, --set <path=value>',
      'override one value, such as web.port=9000; may be repeated',
      (value: string, before: string[]) => [...before, value],
      [],
    );
}

/** Reads file, `.env` beside it, environment and flags. `base` stands below all of them (the demo's own configuration). */
export async function readConfig(
  options: ConfigOptions,
  env: NodeJS.ProcessEnv,
  base?: Readonly<Record<string, unknown>>,
): Promise<ConfigResult<PharosConfig>> {
  let file: { readonly name: string; readonly text: string } | undefined;
  if (options.config !== undefined) {
    try {
      file = { name: options.config, text: await readFile(options.config, 'utf8') };
    } catch (error) {
      return {
        ok: false,
        problems: [
          {
            where: options.config,
            path: '',
            message: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          },
        ],
      };
    }
  }
  const flags: { path: string; value: string }[] = [];
  for (const text of options.set ?? []) {
    const equals = text.indexOf('=');
    if (equals < 1)
      return {
        ok: false,
        problems: [
          { where: `flag --set ${text}`, path: '', message: 'expected path=value, such as web.port=9000' },
        ],
      };
    flags.push({ path: text.slice(0, equals), value: text.slice(equals + 1) });
  }
  const beside = await readFile(
    join(options.config === undefined ? '.' : dirname(options.config), '.env'),
    'utf8',
  ).catch(() => '');
  return loadConfig(SECTIONS, { base, file, env: { ...parseEnv(beside), ...env }, flags });
}

export function problemLines(problems: readonly ConfigProblem[]): string {
  return problems.map(problemLine).join('\n');
}

/** The command line's own voice; everything else is the log's. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}
