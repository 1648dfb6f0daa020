import { useNow } from '../../time/use-now.ts';
import { useZone } from '../../time/use-range.ts';
import { formatAgo, formatInstant } from '../../ui/format.ts';

/** "in 2 h", exact on hover. */
export function Coming({ at }: { readonly at: number }) {
  const now = useNow(1000);
  const [zone] = useZone();
  return (
    <time className="num" dateTime={new Date(at).toISOString()} title={formatInstant(at, zone)}>
      {formatAgo(at, now)}
    </time>
  );
}
