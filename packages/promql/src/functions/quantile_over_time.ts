import { quantileOf } from '../eval/quantile.ts';
import { slide } from '../eval/windows.ts';
import type { RangeFunction } from './types.ts';

/** `quantile_over_time(q, v[d])`: the q-quantile of the window's values. */
export const quantile_over_time: RangeFunction = {
  kind: 'range',
  matrixArgument: 1,
  inspect(_labels, { context, call, scalars: [wanted] }) {
    for (const q of wanted ?? [])
      if (!(q >= 0 && q <= 1)) context.annotations.invalidQuantile(call.args[0]?.span ?? call.span, q);
  },
  kernel(series, windows, out, { scalars: [wanted] }) {
    const scratch = new Float64Array(series.to - series.from);
    return slide(
      series,
      windows,
      1,
      ({ values }, from, to, _end, step) => {
        for (let i = from; i < to; i++) scratch[i - from] = values[i];
        return quantileOf(wanted?.[step] ?? Number.NaN, scratch, to - from);
      },
      out,
    );
  },
};
