import { OrderedWindow } from '../eval/ordered-window.ts';
import { slide } from '../eval/windows.ts';
import type { EverySample, RangeFunction } from './types.ts';

/** Of one series at a time: a kernel does not wait. */
const ordered = new OrderedWindow();

const kernel: EverySample['kernel'] = (series, windows, out, { scalars: [wanted] }) => {
  ordered.begin(series.values, series.to - series.from, windows);
  return slide(
    series,
    windows,
    1,
    (_series, from, to, _end, step) => ordered.quantile(wanted?.[step] ?? Number.NaN, from, to),
    out,
  );
};

/** `quantile_over_time(q, v[d])`: the q-quantile of the window's values. */
export const quantile_over_time: RangeFunction = {
  kind: 'range',
  matrixArgument: 1,
  inspect(_labels, { context, call, scalars: [wanted] }) {
    for (const q of wanted ?? [])
      if (!(q >= 0 && q <= 1)) context.annotations.invalidQuantile(call.args[0]?.span ?? call.span, q);
  },
  kernel,
  everySample: { nsOf: () => 12, kernel },
};
