import { Labels } from '@pharos/promql';
import { expect, it } from 'vitest';
import { createLogTail } from './tail.ts';

it('puts lines through the stages one by one as they come', () => {
  const tail = createLogTail('{app="a"} | logfmt | level="error" | line_format "{{.msg}}"', { now: () => 0 });
  const stream = Labels.fromRecord({ app: 'a' });
  expect([tail.selects(stream), tail.selects(Labels.fromRecord({ app: 'b' }))]).toEqual([true, false]);
  expect(tail.process(stream, 1n, 'level=info msg=x', Labels.EMPTY)).toBeUndefined();
  expect(tail.process(stream, 2n, 'level=error msg=y', Labels.fromRecord({ pod: 'p' }))).toEqual({
    timestamp: 2n,
    line: 'y',
    labels: {
      stream,
      metadata: Labels.fromRecord({ pod: 'p' }),
      parsed: Labels.fromRecord({ level: 'error', msg: 'y' }),
    },
  });
  expect(() => createLogTail('rate({app="a"}[1m])', { now: () => 0 })).toThrow(
    'only log selector is supported',
  );
});
