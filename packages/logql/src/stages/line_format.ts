import { compileTemplate } from '../template/template.ts';
import type { StageCompiler } from './types.ts';
import { TEMPLATE_ERROR } from './types.ts';

/** `line_format "{{.method}} {{.path}}"`: a new line out of the labels. */
export const line_format: StageCompiler<'line_format'> = (stage, context) => {
  const template = compileTemplate('line', stage.template, 'invalid line template');
  return (entry) => {
    const result = template.execute(entry, context);
    if (result.ok) entry.line = result.value;
    else entry.fail(TEMPLATE_ERROR, result.reason);
    return true;
  };
};
