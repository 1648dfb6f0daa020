import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moduleOf, ownFrames, placeOf, readablePlace } from './places.ts';
import { parseStack } from './stack.ts';

describe('stack traces', () => {
  it('reads those of V8', () => {
    const [error] = parseStack(
      [
        'TypeError: x is not a function',
        '    at load [as get] (/app/src/order.js:10:5)',
        '    at async Promise.all (index 0)',
        '    at new Basket (file:///app/src/basket.mjs:2:1)',
        '    at /app/src/bare.js:3:4',
        '    at eval (eval at run (/app/src/run.js:1:2), <anonymous>:1:1)',
        '    at node:internal/main:1:1',
      ].join('\n'),
    );
    expect(error).toMatchObject({ name: 'TypeError', message: 'x is not a function' });
    expect(
      error?.frames.map(({ function: name, file, line, column, inApp }) => [name, file, line, column, inApp]),
    ).toEqual([
      ['load [as get]', '/app/src/order.js', 10, 5, true],
      ['async Promise.all', '', 0, 0, false],
      ['new Basket', 'file:///app/src/basket.mjs', 2, 1, true],
      ['', '/app/src/bare.js', 3, 4, true],
      ['eval', '/app/src/run.js', 1, 2, true],
      ['', 'node:internal/main', 1, 1, false],
    ]);
  });

  it('reads those of Java with their causes, and those of Python', () => {
    const java = parseStack(
      'com.shop.OrderException: no stock\n\tat com.shop.Order.place(Order.java:12)\n\tat java.base/java.lang.Thread.run(Thread.java:1)\nCaused by: java.io.IOException: broken pipe\n\tat com.shop.Db.ask(Db.java:3)\n\t... 2 more',
    );
    expect(java.map(({ name, message }) => [name, message])).toEqual([
      ['com.shop.OrderException', 'no stock'],
      ['java.io.IOException', 'broken pipe'],
    ]);
    const [python] = parseStack(
      'Traceback (most recent call last):\n  File "/app/main.py", line 3, in run\n    place()\n  File "/app/order.py", line 9, in place\n    raise ValueError("no")\nValueError: no',
    );
    expect(python).toMatchObject({ name: 'ValueError', message: 'no' });
    expect(python?.frames.map(({ function: name }) => name)).toEqual(['place', 'run']);
  });

  it('names a place the same on every machine, in every build', () => {
    const same = [
      '/app/src/order.js',
      'file:///srv/app/dist/order.mjs',
      'C:\\shop\\src\\order.ts',
      'webpack://shop/./src/order.ts?1a2b',
      'order.3fa9c2b1.js',
    ];
    expect(new Set(same.map(moduleOf))).toEqual(new Set(['order']));
    expect(moduleOf('/app/src/routes/order.js')).toBe('routes/order');
    const frame = {
      function: 'async Object.load [as get]',
      file: '/app/src/order.js',
      line: 1,
      column: 2,
      inApp: true,
    };
    expect(placeOf(frame)).toBe('load in order');
    expect(placeOf({ ...frame, function: 't', column: 48_211 })).toBe('<anonymous> in order');
    expect(readablePlace('<anonymous> in order')).toBe('order');
    expect(readablePlace('load in order')).toBe('load in order');
  });

  it('leaves out what compilers put around async functions', () => {
    const [error] = parseStack(
      'Error: x\n    at Order.<anonymous> (/app/order.js:9:9)\n    at Generator.next (<anonymous>)\n    at fulfilled (/app/order.js:5:58)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    );
    expect(ownFrames(error?.frames ?? []).map(({ function: name }) => name)).toEqual(['Order.<anonymous>']);
  });

  it('takes any text', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'at (',
        '    at a (b:1:2)',
        'Caused by: ',
        'Traceback (most recent call last):',
        '  File "x", line 1, in y',
      ),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        for (const { frames } of parseStack(lines.join('\n'))) for (const frame of frames) placeOf(frame);
      }),
    );
  });
});
