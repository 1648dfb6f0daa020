/** Go's time.Duration. */
export class GoDuration {
  /** 64 bits, signed. */
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = BigInt.asIntN(64, nanoseconds);
  }

  /** Of seconds; what is no number or too long ends at the ends of 292 years. */
  static ofSeconds(seconds: number): GoDuration {
    const ns = seconds * 1e9;
    if (Number.isNaN(ns) || Math.abs(ns) >= 2 ** 63)
      return new GoDuration(ns > 0 ? 2n ** 63n - 1n : -(2n ** 63n));
    return new GoDuration(BigInt(Math.trunc(ns)));
  }

  get seconds(): number {
    const whole = this.nanoseconds / 1_000_000_000n;
    return Number(whole) + Number(this.nanoseconds - whole * 1_000_000_000n) / 1e9;
  }
}

/** As Go prints a duration of so many ns: `1h30m0s`, `1.5s`, `250µs`, `0s`. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const sign = nanoseconds < 0n ? '-' : '';
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`;
}

function decimal(size: bigint, unit: bigint): string {
  const whole = size / unit;
  const rest = size % unit;
  if (rest === 0n) return String(whole);
  return `${whole}.${String(rest)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '')}`;
}
