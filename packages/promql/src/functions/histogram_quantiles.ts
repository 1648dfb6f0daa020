import { afterNameDrop } from '../eval/names.ts';
import type { Series } from '../eval/value.ts';
import { vectorOf } from '../eval/value.ts';
import { formatValue } from '../text/format-value.ts';
import { scalarArgument, stringArgument, vectorArgument } from './arguments.ts';
import { perHistogram } from './classic-buckets.ts';
import { quantileReader } from './histogram_quantile.ts';
import { relabel } from './relabel.ts';
import type { WholeFunction } from './types.ts';

/** `histogram_quantiles(v, label, q...)`: several quantiles at once, told apart by a label (experimental). */
export const histogram_quantiles: WholeFunction = {
  kind: 'whole',
  async evaluate({ context, call, args }) {
    const vector = vectorArgument(args, 0);
    const label = stringArgument(args, 1);
    const span = call.args[0]?.span ?? call.span;
    const series: Series[] = [];
    for (let i = 2; i < args.length; i++) {
      const quantiles = scalarArgument(args, i);
      for (const q of quantiles)
        if (!(q >= 0 && q <= 1)) context.annotations.invalidQuantile(call.args[i]?.span ?? call.span, q);
      const one = await perHistogram(context, vector, span, quantileReader(context, quantiles, span));
      const named = await relabel(context, one, label, (labels) =>
        labels.with(label, formatValue(quantiles[0])),
      );
      series.push(...named.series);
    }
    return afterNameDrop(context, vectorOf(series, false));
  },
};
