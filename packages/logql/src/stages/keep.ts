import type { StageCompiler } from './types.ts';

/** `keep a, b="x"`: only these labels, those with a condition only where their value meets it. Errors stay. */
export const keep: StageCompiler<'keep'> =
  ({ choices }) =>
  (entry) => {
    entry.keepOnly((name, value) =>
      choices.some(
        (choice) => choice.name === name && (choice.matcher === undefined || choice.matcher.matches(value)),
      ),
    );
    return true;
  };
