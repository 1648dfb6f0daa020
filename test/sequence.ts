import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Acceptance tests of half a minute: begun last, one of them would be all that is left to do. */
const LONGEST = ['outbox-kills', 'demo', 'alert-generator', 'bad-input', 'security', 'breakers', 'limits'];

const NEEDS_DOM = '// @vitest-environment';

/** The first characters of a file. */
function beginningOf(path: string): string {
  const bytes = Buffer.alloc(NEEDS_DOM.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(file);
  }
  return bytes.toString();
}

/** Lower comes first. Files that need a DOM come last, together: a worker between two environments is started anew. */
function rankOf(path: string): number {
  const long = LONGEST.indexOf(basename(path, '.test.ts'));
  if (path.includes('/test/acceptance/') && long >= 0) return long;
  return LONGEST.length + (beginningOf(path) === NEEDS_DOM ? 1 : 0);
}

/** Project by project, as Vitest has it; in a project what takes longest comes first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    const ranks = new Map(sorted.map((file) => [file, rankOf(file.moduleId)]));
    const rank = (file: TestSpecification): number => ranks.get(file) ?? 0;
    return projects.flatMap((own) =>
      sorted.filter(({ project }) => project === own).sort((a, b) => rank(a) - rank(b)),
    );
  }
}
