import { defineErrors } from '../../../kernel/errors.ts';

export const reportErrors = defineErrors('reports', {
  too_many: { kind: 'too_many', hint: 'Report route templates (/orders/:id), not URLs.' },
});
