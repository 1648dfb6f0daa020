import { compileLinePattern } from '../text/line-pattern.ts';
import type { StageCompiler } from './types.ts';

/** `pattern "<ip> - <_> <path>"`: what stands between the texts of the pattern. */
export const pattern: StageCompiler<'pattern'> = (stage) => {
  const { names, capture } = compileLinePattern(stage.pattern);
  return (entry) => {
    const values = capture(entry.line);
    for (let i = 0; i < values.length; i++) entry.addParsed(names[i] ?? '', values[i] ?? '');
    return true;
  };
};
