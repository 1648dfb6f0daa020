/** Neumaier's compensated summation: the running sum and what rounding has taken from it. */
export class KahanSum {
  sum = 0;
  compensation = 0;

  add(value: number): void {
    const total = this.sum + value;
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) this.compensation = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.compensation += this.sum - total + value;
    else this.compensation += value - total + this.sum;
    this.sum = total;
  }

  reset(): void {
    this.sum = 0;
    this.compensation = 0;
  }

  get value(): number {
    return this.sum + this.compensation;
  }
}
