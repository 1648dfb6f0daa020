import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { countEvaluations as countLogqlEvaluations, runLogqltest } from '@pharos/logql/testing';
import { countEvaluations, runPromqltest } from '@pharos/promql/testing';

/** What one script came to; the reasons of failures are short enough for a line each. */
interface Outcome {
  readonly passed: number;
  readonly failed: readonly string[];
}

interface Kind {
  /** Names the last line of the output. */
  readonly title: string;
  readonly extension: string;
  run(text: string): Promise<Outcome>;
}

/** The scripting languages of the reference projects that can be run, by the name they are asked for. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  [
    'promql',
    {
      title: 'promqltest',
      extension: '.test',
      run: (text) => outcomeOf(text, runPromqltest, countEvaluations),
    },
  ],
  [
    'logql',
    {
      title: 'logqltest',
      extension: '.logqltest',
      run: (text) => outcomeOf(text, runLogqltest, countLogqlEvaluations),
    },
  ],
]);

interface Script {
  readonly passed: number;
  readonly failed: readonly { readonly line: number; readonly query: string; readonly reason: string }[];
}

async function outcomeOf(
  text: string,
  run: (text: string) => Promise<Script>,
  count: (text: string) => number,
): Promise<Outcome> {
  try {
    const { passed, failed } = await run(text);
    return { passed, failed: failed.map(({ line, query, reason }) => `${line}: ${query}: ${reason}`) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Nothing of a script that cannot be read has passed.
    return { passed: 0, failed: Array.from({ length: Math.max(1, count(text)) }, () => error.message) };
  }
}

const LINE_LENGTH = 400;

async function main(args: readonly string[]): Promise<number> {
  const [name = '', folder = ''] = args;
  const kind = KINDS.get(name);
  if (kind === undefined || folder === '') {
    const known = [...KINDS.keys()].join(', ');
    return complain(
      kind === undefined
        ? `unknown kind ${JSON.stringify(name)}, expected one of: ${known}; usage: npm run conformance -- KIND FOLDER`
        : `no folder given; usage: npm run conformance -- ${name} FOLDER`,
    );
  }
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    return complain(`no such folder: ${folder}`);
  const files = readdirSync(folder).filter((file) => file.endsWith(kind.extension));
  if (files.length === 0) return complain(`no *${kind.extension} files in ${folder}`);
  let passed = 0;
  let total = 0;
  for (const file of files.sort()) {
    const outcome = await kind.run(readFileSync(join(folder, file), 'utf8'));
    passed += outcome.passed;
    total += outcome.passed + outcome.failed.length;
    for (const failure of new Set(outcome.failed)) print(`${file}:${failure}`.slice(0, LINE_LENGTH));
    print(`${file} ${outcome.passed}/${outcome.passed + outcome.failed.length}`);
  }
  print(`${kind.title} ${passed}/${total}`);
  return passed === total ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): number {
  process.stderr.write(`${line}\n`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
