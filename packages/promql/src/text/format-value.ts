/**
 * A sample value as Prometheus' API writes it (compat PQ-3): the shortest text that reads back as the same
 * float, decimal unless `|v| < 1e-6` or `|v| >= 1e21`, then with an exponent of at least two digits.
 */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const size = Math.abs(value);
  if (size < 1e-6 || size >= 1e21) return withGoExponent(value.toExponential());
  return value.toString();
}

/** Go's `%g` of shortest precision: an exponent below 1e-4 and from 1e6 on. Annotations and printed queries use it. */
export function formatGeneral(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatValue(value);
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e6 ? withGoExponent(value.toExponential()) : value.toString();
}

/** Go's `FormatFloat(v, 'f', -1, 64)`: always decimal, never an exponent. `count_values` labels use it. */
export function formatDecimal(value: number): string {
  const text = formatValue(value);
  const at = text.indexOf('e');
  if (at === -1) return text;
  return expandExponent(text.slice(0, at), Number(text.slice(at + 1)));
}

function expandExponent(mantissa: string, exponent: number): string {
  const negative = mantissa.startsWith('-');
  const [whole = '', fraction = ''] = (negative ? mantissa.slice(1) : mantissa).split('.');
  const digits = whole + fraction;
  const point = whole.length + exponent;
  let text: string;
  if (point <= 0) text = `0.${'0'.repeat(-point)}${digits}`;
  else if (point >= digits.length) text = digits + '0'.repeat(point - digits.length);
  else text = `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${text}` : text;
}

/** JavaScript writes `1e-7` where Go writes `1e-07`. */
function withGoExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
