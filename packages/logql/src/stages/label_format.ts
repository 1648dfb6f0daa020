import { StageError } from '../errors.ts';
import { ERROR_LABEL } from '../pipeline/entry.ts';
import { compileTemplate } from '../template/template.ts';
import type { StageCompiler } from './types.ts';
import { TEMPLATE_ERROR } from './types.ts';

/** `label_format a=b, c="{{.d}}"`: labels renamed and made. Templates see the labels as they were at the first of them. */
export const label_format: StageCompiler<'label_format'> = ({ formats }, context) => {
  const seen = new Set<string>();
  const steps = formats.map((format) => {
    const { name } = format;
    if (name === ERROR_LABEL) throw new StageError(`${name} cannot be formatted`);
    if (seen.has(name))
      throw new StageError(`multiple label name '${name}' not allowed in a single format operation`);
    seen.add(name);
    return format.kind === 'rename'
      ? format
      : {
          ...format,
          compiled: compileTemplate('label', format.template, `invalid template for label '${name}'`),
        };
  });
  return (entry) => {
    let data: ReadonlyMap<string, string> | undefined;
    for (const step of steps) {
      if (step.kind === 'rename') {
        const value = entry.get(step.source);
        const origin = entry.originOf(step.source);
        if (value === undefined || step.source === step.name) continue;
        entry.set(step.name, value, origin);
        entry.remove(step.source);
        continue;
      }
      data ??= step.compiled.dataOf(entry);
      const result = step.compiled.execute(entry, context, data);
      if (result.ok) entry.set(step.name, result.value);
      else entry.fail(TEMPLATE_ERROR, result.reason);
    }
    return true;
  };
};
