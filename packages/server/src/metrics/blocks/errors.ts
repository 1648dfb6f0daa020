import { defineErrors } from '../../kernel/errors.ts';

/** What can be wrong with a TSDB block, or with bringing it in. */
export const blockErrors = defineErrors('block', {
  notABlock: {
    kind: 'not_found',
    hint: 'Name the folder of a block (it holds meta.json), or one whose folders are blocks.',
  },
  malformed: { kind: 'bad_request', hint: 'Check the block with promtool tsdb analyze.' },
  refused: { kind: 'bad_request' },
  unreachable: { kind: 'unavailable' },
});
