import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Command } from 'commander';
import { isNode, parseDocument } from 'yaml';
import { type PharosConfig, SECTIONS } from '../config.ts';
import { type ConfigProblem, type ConfigResult, loadConfig, problemLine } from '../kernel/config/load.ts';
import { filesNamed } from '../kernel/config/paths.ts';

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
  let file: ConfigText | undefined;
  if (options.config !== undefined) {
    const text = await readText(options.config);
    if (typeof text === 'object') return { ok: false, problems: [text] };
    file = { name: options.config, text, directory: dirname(options.config) };
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
  const sources = { file, env: { ...parseEnv(beside), ...env }, flags };
  const more = await moreScrapes(file);
  if ('problems' in more) return { ok: false, problems: more.problems };
  const scrapes = [...more.scrapes, ...listOf(base?.['scrape_configs'])];
  return loadConfig(SECTIONS, {
    ...sources,
    base: scrapes.length === 0 ? base : { ...base, scrape_configs: scrapes },
  });
}

interface ConfigText {
  readonly name: string;
  readonly text: string;
  readonly directory: string;
}

/** What the files that `scrape_config_files` names hold; that list itself is judged with the rest. */
async function moreScrapes(
  file: ConfigText | undefined,
): Promise<{ readonly scrapes: readonly unknown[] } | { readonly problems: readonly ConfigProblem[] }> {
  const patterns = file === undefined ? [] : patternsIn(file.text);
  const scrapes: unknown[] = [];
  const problems: ConfigProblem[] = [];
  for (const pattern of patterns)
    for (const path of await filesNamed(
      isAbsolute(pattern) ? pattern : join(file?.directory ?? '.', pattern),
    )) {
      const text = await readText(path);
      if (typeof text === 'object') {
        problems.push(text);
        continue;
      }
      const read = loadConfig(
        { scrapes: SECTIONS.scrapes },
        { file: { name: path, text, directory: dirname(path) }, env: {} },
      );
      if (read.ok) scrapes.push(...listOf(read.written['scrape_configs']));
      else problems.push(...read.problems);
    }
  return problems.length > 0 ? { problems } : { scrapes };
}

function patternsIn(text: string): string[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) return [];
  const list: unknown = document.getIn(['scrape_config_files']);
  const plain: unknown = isNode(list) ? list.toJS(document) : list;
  // What is none is named with everything else that is wrong.
  return SECTIONS.scrapeFiles.schema.safeParse(plain).data ?? [];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

async function readText(path: string): Promise<string | ConfigProblem> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { where: path, path: '', message };
  }
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
